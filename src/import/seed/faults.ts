import type { Queryable } from '../../db/client.ts';
import { actorFaults } from '../../domain/actor.ts';
import { eventFaults } from '../../domain/event.ts';
import { identifierFaults, takenIdentifiers } from '../../domain/identifier.ts';
import { type Fault, faultsAt } from '../../domain/input/fault.ts';
import type { LinkEnd } from '../../domain/input/link.ts';
import { References } from '../../domain/input/reference.ts';
import { measure } from '../../domain/source.ts';
import { statementFaults, visitReferences } from '../../domain/statement/faults.ts';
import {
  eventWarnings,
  sourceWarnings,
  statementWarnings,
  type Warning,
  warningsAt,
} from '../../domain/warning.ts';
import type { SeedEntry, SeedFile } from './file.ts';

/** Collects the references of the entries of the file. */
function collectReferences(file: SeedFile, references: References): void {
  for (const { input, path } of file.actors) {
    input.affiliations?.forEach((affiliation, i) => {
      references.want('actor', affiliation.in, [...path, 'affiliations', i, 'in']);
    });
  }
  for (const { input, path } of file.topics) {
    if (input.parent) references.want('topic', input.parent, [...path, 'parent']);
  }
  for (const { input, path } of file.sources) {
    if (input.publisher) references.want('actor', input.publisher, [...path, 'publisher']);
  }
  for (const { input, path } of file.events) {
    input.participants?.forEach((participant, i) => {
      references.want('actor', participant, [...path, 'participants', i]);
    });
  }
  for (const { input, path } of file.statements) {
    visitReferences(input, path, (noun, slug) => references.want(noun, slug));
  }
}

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
  const ofStatement = ({
    input,
    path,
    slug,
  }: SeedEntry<SeedFile['statements'][number]['input']>): Fault[] => {
    const faults = statementFaults(input, path, references, (to) => earlier.get(to));
    earlier.set(slug, input);
    return faults;
  };
  const faults = [
    ...references.faults(),
    ...file.actors.flatMap(({ input, slug, path }) => faultsAt(path, actorFaults(input, slug))),
    ...file.sources.flatMap(({ input, path }) => faultsAt(path, measure(input).faults)),
    ...file.events.flatMap(({ input, path }) => faultsAt(path, eventFaults(input))),
    ...file.statements.flatMap(ofStatement),
    ...(await keyFaults(db, file.statements)),
    ...file.topics.flatMap(({ input, path }) => faultsAt(path, identifierFaults(input))),
    ...file.sources.flatMap(({ input, path }) => faultsAt(path, identifierFaults(input))),
    ...(await takenIdentifiers(db, 'actor', file.actors)),
    ...(await takenIdentifiers(db, 'topic', file.topics)),
    ...(await takenIdentifiers(db, 'source', file.sources)),
  ];
  const warnings = [
    ...file.sources.flatMap(({ input, path }) => warningsAt(path, sourceWarnings(input))),
    ...file.events.flatMap(({ input, path }) => warningsAt(path, eventWarnings(input))),
    ...file.statements.flatMap(({ input, path }) => warningsAt(path, statementWarnings(input, references))),
  ];
  return { faults, warnings };
}
