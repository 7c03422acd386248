import { latinForm } from '../../base/latin.ts';
import type { Database } from '../../db/client.ts';
import { NAME_SEARCH_LENGTH_MAX, SEARCH_WORDS_MAX, searchNames } from '../../read/names.ts';
import { query } from '../../read/sql.ts';
import type { Place } from '../item.ts';
import { cut } from '../read/utf16Text.ts';

/** Different mentions without an actor that the report of an import names. Further ones are counted. @limit mentions */
export const REVIEWED_MENTIONS_MAX = 10_000;
/** Of these, the most frequent ones for which the report names actors that could be meant. @limit mentions */
export const REVIEWED_WITH_CANDIDATES_MAX = 200;
/** Actors that could be meant by one mention. */
const CANDIDATES_MAX = 5;
/** Characters of a statement that shows how a mention is used. */
const EXAMPLE_LENGTH_MAX = 200;

/** An actor that a mention could mean. Nothing is decided by its score. */
interface Candidate {
  readonly slug: string;
  readonly name: string;
  /** Similarity of the names, from 0 to 1. */
  readonly score: number;
}

/** A mention whose actor is not certain. */
export interface MentionToReview extends Place {
  readonly mention: string;
  /** How often it occurs in the import. */
  readonly count: number;
  /** The best first. */
  readonly candidates: readonly Candidate[];
  /** The words of the first statement that has it. */
  readonly example: string;
}

export interface MentionsToReview {
  readonly mentions: readonly MentionToReview[];
  /** Occurrences of further mentions, which are not named. */
  readonly further: number;
}

interface Counted extends Place {
  readonly mention: string;
  count: number;
  readonly example: string;
}

/** $1 ids of actors, $2 a name in Latin letters. */
const SCORE = `
SELECT actor.slug, actor.name, max(similarity(s.latin, $2))::float8 AS score
FROM search_name s JOIN actor ON actor.id = s.subject_id
WHERE s.noun = 'actor' AND s.subject_id = ANY ($1::int[]) GROUP BY actor.id ORDER BY score DESC, actor.id`;

/** Counts the mentions of an import that have no actor. */
export class Review {
  readonly #db: Database;
  readonly #counted = new Map<string, Counted>();
  #further = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  add(mention: string, statement: Readonly<Record<string, unknown>>, { file, line }: Place): void {
    const counted = this.#counted.get(mention);
    if (counted) counted.count += 1;
    else if (this.#counted.size === REVIEWED_MENTIONS_MAX) this.#further += 1;
    else {
      const words = statement.quote ?? statement.text;
      const example = typeof words === 'string' ? cut(words, EXAMPLE_LENGTH_MAX) : '';
      this.#counted.set(mention, { mention, count: 1, example, file, line });
    }
  }

  async unresolved(): Promise<MentionsToReview> {
    const inOrder = [...this.#counted.values()].sort(
      (a, b) => b.count - a.count || (a.mention < b.mention ? -1 : 1),
    );
    const mentions: MentionToReview[] = [];
    for (const [i, counted] of inOrder.entries()) {
      const candidates = i < REVIEWED_WITH_CANDIDATES_MAX ? await this.#candidates(counted.mention) : [];
      mentions.push({ ...counted, candidates });
    }
    return { mentions, further: this.#further };
  }

  async #candidates(mention: string): Promise<Candidate[]> {
    const words = mention.split(/[\s\p{P}]+/u).filter(Boolean);
    const searched = words.slice(0, SEARCH_WORDS_MAX).join(' ').slice(0, NAME_SEARCH_LENGTH_MAX);
    const ids = (await searchNames(this.#db, 'actor', searched)).slice(0, CANDIDATES_MAX);
    if (ids.length === 0) return [];
    const rows = await query<Candidate>(this.#db, SCORE, [ids, latinForm(mention)]);
    return rows.map(({ slug, name, score }) => ({ slug, name, score: Math.round(score * 100) / 100 }));
  }
}
