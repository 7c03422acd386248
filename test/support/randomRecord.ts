import type { Database } from '../../src/db/client.ts';
import { ActorKind, Stance, StatementAct, StatementMode } from '../../src/db/generated/enums.ts';
import { saveActors } from '../../src/domain/actor.ts';
import { saveCollections } from '../../src/domain/collection.ts';
import { saveEvents } from '../../src/domain/event.ts';
import { parseFuzzyDate } from '../../src/domain/input/date.ts';
import { saveSources } from '../../src/domain/source.ts';
import { type Recorded, recordStatements } from '../../src/domain/statement/record/record.ts';
import { retractStatement } from '../../src/domain/statement/retract.ts';
import { reviseStatement } from '../../src/domain/statement/revise.ts';
import { saveTopics } from '../../src/domain/topic.ts';

/** A statement as the test has made it, apart from the database. */
export interface MadeStatement {
  readonly slug: string;
  readonly text: string;
  readonly mode: StatementMode;
  readonly act: StatementAct;
  /** Of the quote, where it has one and its language is recorded. */
  readonly language?: string;
  readonly speakers: readonly string[];
  readonly addressees: readonly string[];
  readonly onBehalfOf: readonly string[];
  readonly attribution: readonly { readonly actor: string; readonly form: string }[];
  readonly said: string;
  readonly earliest: string;
  readonly latest: string;
  readonly topics: readonly { readonly topic: string; readonly stance?: Stance }[];
  readonly events: readonly string[];
  readonly source: string;
  readonly links: readonly { readonly to: string; readonly kind: 'ECHOES' | 'DISPUTES' | 'SHIFTS_FROM' }[];
  readonly words: readonly string[];
  /** The speakers as the source writes them. */
  readonly mentions?: readonly { readonly as: string; readonly actor?: string }[];
  readonly coder?: string;
  readonly confidence?: number;
  /** Null for most. */
  readonly collection: string | null;
  retracted: boolean;
}

/** An actor as the test has made it. */
export interface MadeActor {
  readonly kind: ActorKind;
  readonly affiliations: readonly {
    readonly in: string;
    readonly role: string;
    readonly from?: string;
    readonly to?: string;
  }[];
}

export interface MadeRecord {
  readonly actors: readonly string[];
  readonly actorsBySlug: ReadonlyMap<string, MadeActor>;
  /** Slugs with those of their parents. */
  readonly topics: ReadonlyMap<string, string | null>;
  readonly sources: readonly string[];
  readonly events: readonly string[];
  readonly collections: readonly string[];
  /** In the order they were recorded in. */
  readonly statements: readonly MadeStatement[];
}

/** Words that no stemming touches and no name contains. */
export const WORDS = ['zorbak', 'quintel', 'mardok', 'velthuz'] as const;

/** Few enough that many statements are of the same date, and of every precision. */
export const SAID = [
  '2024',
  '2025~',
  '2025-06',
  '2025-07',
  '2025-06-30',
  '2025-07-01',
  '2025-07-02',
  '2025-06/2025-07-07',
  '2024-12-31/2025-01-01',
];

export const ROLES = ['President', 'Member', 'Spokesman'] as const;
/** Terms of office: before, at, and after the dates of statements. */
const TERMS = [{}, { to: '2024-06-30' }, { from: '2025-01-01' }, { from: '2024-01-01', to: '2025-06-30' }];

/** Languages of quotes. */
const LANGUAGES = ['en', 'fr', 'pt-BR', 'ru'];

/** Who codes some of the statements. */
export const CODERS = ['A. Coder', 'A program'] as const;

type CodedParts = Pick<MadeStatement, 'mentions' | 'coder' | 'confidence'> &
  Partial<Pick<MadeStatement, 'speakers'>>;

/** What coders bring to some statements: mentions, of whom it is known or not who is meant, and speakers only where it is. */
function codingOf(i: number, speakers: readonly string[]): CodedParts {
  const [speaker = ''] = speakers;
  return {
    ...(i % 3 === 1 && { coder: CODERS[i % CODERS.length] as string }),
    ...(i % 4 === 1 && { confidence: (i % 11) / 10 }),
    ...(i % 5 === 2 && { mentions: [{ as: 'the speaker', actor: speaker }] }),
    ...(i % 13 === 3 && { mentions: [{ as: `one of ${i % 2}` }, { as: 'the speaker', actor: speaker }] }),
    ...(i % 9 === 4 && { mentions: [{ as: 'a source' }], speakers: [] }),
  };
}

/** Random numbers that are the same in every run (mulberry32). */
export function randomness(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  /** Different items, at most `max` of them. */
  const some = <T>(items: readonly T[], max: number, min = 0): T[] => {
    const count = min + below(max - min + 1);
    return [...new Set(Array.from({ length: count }, () => pick(items)))];
  };
  return { next, below, pick, some };
}

/** How many of each there are, where a test asks for nothing else. */
export const NOUNS = { actors: 10, topics: 12, sources: 3, events: 5, collections: 2 };

/** Some statements are recorded with another date first. */
const isRevised = (n: number): boolean => n % 10 === 4;

/** Statements that are recorded at once. */
const CHUNK = 400;

/** Statements that are recorded one after the other into the same collection, or into none. */
const RUN = 50;
const collectionOf = (i: number): string | null => {
  const n = Math.floor(i / RUN) % 4;
  return n < NOUNS.collections ? `collection-${n}` : null;
};

/** The date that a statement is recorded with. */
const firstSaid = ({ said }: MadeStatement, i: number): string =>
  isRevised(i % CHUNK) ? (SAID[(i % CHUNK) % SAID.length] as string) : said;

/** Whether the rules of links allow this one, with the first dates of both and with the last ones. */
function mayLink(statements: readonly MadeStatement[], i: number, target: number, kind: string): boolean {
  const [from, to] = [statements[i] as MadeStatement, statements[target] as MadeStatement];
  const dates = (statement: MadeStatement, at: number) =>
    [statement.said, firstSaid(statement, at)].map((said) => parseFuzzyDate(said));
  const isOrdered = dates(from, i).every(({ latest }) =>
    dates(to, target).every(({ earliest }) => earliest <= latest),
  );
  return (
    isOrdered && (kind !== 'SHIFTS_FROM' || from.speakers.some((speaker) => to.speakers.includes(speaker)))
  );
}

/** Fills a database through the domain's own functions; the same seed makes the same record. */
export async function makeRandomRecord(
  db: Database,
  { seed, length, nouns = NOUNS }: { seed: number; length: number; nouns?: Readonly<typeof NOUNS> },
): Promise<MadeRecord> {
  const random = randomness(seed);
  const slugs = (noun: string, count: number) => Array.from({ length: count }, (_, i) => `${noun}-${i}`);
  const [actors, sources, events] = [
    slugs('actor', nouns.actors),
    slugs('source', nouns.sources),
    slugs('event', nouns.events),
  ];
  const collections = slugs('collection', nouns.collections);
  const kinds = Object.values(ActorKind);
  const actorsBySlug = new Map<string, MadeActor>();
  for (const [i, slug] of actors.entries()) {
    const others = i === 0 ? [] : random.some(actors.slice(0, i), 2);
    const affiliations = others.map((other) => ({
      in: other,
      role: random.pick(ROLES),
      ...random.pick(TERMS),
    }));
    actorsBySlug.set(slug, { kind: kinds[i % kinds.length] as ActorKind, affiliations });
  }
  const topics = new Map<string, string | null>();
  for (const [i, slug] of slugs('topic', nouns.topics).entries()) {
    topics.set(slug, i < 2 ? null : `topic-${random.below(i)}`);
  }
  /** The last topics have no proposition, so that nothing takes a stance on them. */
  const hasProposition = (topic: string): boolean => Number(topic.slice('topic-'.length)) < 9;

  const collectionIds = new Map<string, number>();
  await db.prisma.$transaction(async (tx) => {
    const saved = await saveCollections(
      tx,
      collections.map((slug) => ({ slug, title: slug })),
      'test',
    );
    for (const [i, { id }] of saved.entries()) collectionIds.set(collections[i] as string, id);
    const actorInputs = [...actorsBySlug].map(([slug, { kind, affiliations }]) => {
      const aliases = [{ name: `Alias of ${slug}` }, { name: `Place of ${slug}`, metonym: true }];
      return { slug, name: `Name of ${slug}`, kind, aliases, affiliations };
    });
    await saveActors(tx, actorInputs, 'test');
    const topicInputs = [...topics].map(([slug, parent]) => {
      const proposition = hasProposition(slug) ? `Let there be ${slug}.` : undefined;
      return { slug, name: `Name of ${slug}`, parent, proposition };
    });
    await saveTopics(tx, topicInputs, 'test');
    const sourceInputs = sources.map((slug) => ({
      slug,
      title: `Title of ${slug}`,
      publisher: random.pick(actors),
      text: `Text of ${slug}`,
    }));
    await saveSources(tx, sourceInputs, 'test');
    const eventInputs = events.map((slug) => {
      const participants = random.some(actors, 5, 2);
      return { slug, name: `Name of ${slug}`, kind: 'CALL', date: random.pick(SAID), participants };
    });
    await saveEvents(tx, eventInputs, 'test');
  });

  const statements = Array.from({ length }, (_, i): MadeStatement => {
    const said = random.pick(SAID);
    const words = random.some(WORDS, 2);
    const mode = random.pick(Object.values(StatementMode));
    const made = {
      slug: `statement-${i}`,
      text: `Sentence ${i} ${words.join(' ')}`.trim(),
      mode,
      act: random.pick(Object.values(StatementAct).slice(0, 4)),
      ...(mode === 'DIRECT' && i % 3 > 0 && { language: LANGUAGES[i % LANGUAGES.length] as string }),
      speakers: random.some(actors, 3, 1),
      addressees: random.some(actors, 2),
      onBehalfOf: random.next() < 0.2 ? random.some(actors, 2, 1) : [],
      attribution: random
        .some(actors, 2)
        .map((actor) => ({ actor, form: random.pick(['READOUT', 'VIDEO']) })),
      said,
      earliest: parseFuzzyDate(said).earliest,
      latest: parseFuzzyDate(said).latest,
      topics: random.some([...topics.keys()], 3).map((topic) => ({
        topic,
        ...(hasProposition(topic) && random.next() < 0.6 && { stance: random.pick(Object.values(Stance)) }),
      })),
      events: random.some(events, 2),
      source: random.pick(sources),
      links:
        i > 0 && random.next() < 0.3
          ? [
              {
                to: `statement-${random.below(i)}`,
                kind: random.pick(['ECHOES', 'DISPUTES', 'SHIFTS_FROM'] as const),
              },
            ]
          : [],
      words,
      collection: collectionOf(i),
      retracted: false,
    };
    return { ...made, ...codingOf(i, made.speakers) };
  });
  for (const [i, statement] of statements.entries()) {
    const links = statement.links.filter(({ to, kind }) => {
      const target = Number(to.slice('statement-'.length));
      return mayLink(statements, i, target, kind);
    });
    statements[i] = { ...statement, links };
  }
  for (let i = 0; i < length; i += CHUNK) {
    const inputs = statements
      .slice(i, i + CHUNK)
      .map(({ words, earliest, latest, retracted, collection, ...input }, n) => ({
        ...input,
        said: firstSaid(statements[i + n] as MadeStatement, i + n),
        ...(input.mode === 'DIRECT' && { quote: 'Their words' }),
      }));
    const recorded: Recorded[] = [];
    for (let n = 0; n < inputs.length; n += RUN) {
      const collection = collectionIds.get(collectionOf(i + n) ?? '') ?? null;
      recorded.push(...(await recordStatements(db.prisma, inputs.slice(n, n + RUN), 'test', { collection })));
    }
    for (const [n, { id }] of recorded.entries()) {
      const { said } = statements[i + n] as MadeStatement;
      if (isRevised(n)) {
        await db.prisma.$transaction((tx) => reviseStatement(tx, id, { said }, null, 'test'));
      }
      if (random.next() >= 0.1) continue;
      await db.prisma.$transaction((tx) => retractStatement(tx, id, 'Recorded in error.', 'test'));
      (statements[i + n] as MadeStatement).retracted = true;
    }
  }
  await db.pool.query('ANALYZE');
  return { actors, actorsBySlug, topics, sources, events, collections, statements };
}
