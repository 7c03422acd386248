import type { Queryable } from '../../db/sql.ts';
import { ACTOR } from '../../domain/actor.ts';
import { EVENT } from '../../domain/event.ts';
import { takenIdentifiers } from '../../domain/identifier.ts';
import { type Fault, faultsAt } from '../../domain/input/fault.ts';
import type { LinkEnd } from '../../domain/input/link.ts';
import { References } from '../../domain/input/reference.ts';
import type { NounRules } from '../../domain/save/rules.ts';
import { measure, SOURCE } from '../../domain/source.ts';
import { statementFaults, visitReferences } from '../../domain/statement/faults.ts';
import { TOPIC } from '../../domain/topic.ts';
import { statementWarnings, type Warning, warningsAt } from '../../domain/warning.ts';
import type { SeedEntry, SeedFile } from './file.ts';

/** The entries of a noun, and their rules. */
interface NounEntries<Input> {
  readonly rules: NounRules<Input>;
  readonly entries: readonly SeedEntry<Input>[];
}

const nounsOf = (file: SeedFile): readonly NounEntries<never>[] =>
  [
    { rules: ACTOR, entries: file.actors },
    { rules: TOPIC, entries: file.topics },
    { rules: SOURCE, entries: file.sources },
    { rules: EVENT, entries: file.events },
  ] as unknown as NounEntries<never>[];

/** Collects the references of the entries of the file. */
function collectReferences(file: SeedFile, references: References): void {
  for (const { rules, entries } of nounsOf(file))
    for (const { input, path } of entries)
      rules.visitReferences(input, path, (noun, slug, at) => references.want(noun, slug, at));
  for (const { input, path } of file.statements)
    visitReferences(input, path, (noun, slug) => references.want(noun, slug));
}

const nounFaults = ({ rules, entries }: NounEntries<never>): Fault[] =>
  entries.flatMap(({ input, slug, path }) => faultsAt(path, rules.faults?.(input, slug) ?? []));

const nounWarnings = ({ rules, entries }: NounEntries<never>): Warning[] =>
  entries.flatMap(({ input, path }) => warningsAt(path, rules.warnings?.(input) ?? []));

/** Announces the entries of the file. */
function announceEntries(file: SeedFile, references: References): void {
  for (const { slug } of file.actors) references.expect('actor', slug);
  for (const { slug, input } of file.topics)
    references.expect('topic', slug, { hasProposition: input.proposition !== undefined });
  for (const { slug, input } of file.sources)
    references.expect('source', slug, {
      length: measure(input).length,
      publishedOn: input.publishedOn ?? null,
    });
  for (const { slug } of file.events) references.expect('event', slug);
}

/** A fault for each key of a statement that another statement of the record or the file has. */
async function keyFaults(db: Queryable, statements: SeedFile['statements']): Promise<Fault[]> {
  const keyed = statements.map(({ input, path, slug }) => ({ key: input.key ?? slug, path, slug }));
  const rows = await db.$queryRawUnsafe<{ key: string; slug: string }[]>(
    'SELECT key, slug FROM statement WHERE key = ANY ($1::text[])',
    keyed.map(({ key }) => key),
  );
  const slugs = new Map(rows.map((row) => [row.key, row.slug]));
  return keyed.flatMap(({ key, path, slug }) => {
    const taken = slugs.get(key);
    slugs.set(key, taken ?? slug);
    if (taken === undefined) return [];
    return [
      { path: [...path, 'key'], message: `“${key}” is the key of the statement “${taken}”. Use another` },
    ];
  });
}

/**
 * Faults of a file beside those of its form, and what is odd about its entries. A file with a fault is refused before any of it
 * is written.
 * @param file the file without the entries that the record already has.
 */
export async function checkSeed(
  db: Queryable,
  file: SeedFile,
): Promise<{ faults: Fault[]; warnings: Warning[] }> {
  const references = new References();
  collectReferences(file, references);
  await references.find(db);
  announceEntries(file, references);
  const earlier = new Map<string, LinkEnd>();
  const ofStatement = ({ input, path, slug }: SeedFile['statements'][number]): Fault[] => {
    const faults = statementFaults(input, path, references, (to) => earlier.get(to));
    earlier.set(slug, input);
    return faults;
  };
  const faults = [
    ...references.faults(),
    ...nounsOf(file).flatMap(nounFaults),
    ...file.statements.flatMap(ofStatement),
    ...(await keyFaults(db, file.statements)),
    ...(await takenIdentifiers(db, 'actor', file.actors)),
    ...(await takenIdentifiers(db, 'topic', file.topics)),
    ...(await takenIdentifiers(db, 'source', file.sources)),
  ];
  const warnings = [
    ...nounsOf(file).flatMap(nounWarnings),
    ...file.statements.flatMap(({ input, path }) => warningsAt(path, statementWarnings(input, references))),
  ];
  return { faults, warnings };
}
