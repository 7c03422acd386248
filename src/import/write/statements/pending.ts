import type { StatementItem } from '../../../domain/statement/record/item.ts';
import type { PreparedList } from '../../../domain/statement/record/prepare.ts';

/**
 * Lists that PostgreSQL writes at the same time. Most of the work of a list is done before it holds the counter row of the log. So a second
 * list can use another processor, and the time in which the first one waits for the disk. It still gets the later positions.
 */
const LISTS_AT_ONCE_MAX = 2;

/** A list that is being written. */
interface PendingList {
  readonly slugs: ReadonlySet<string>;
  /** Its slugs and keys. */
  readonly names: ReadonlySet<string>;
  readonly written: Promise<void>;
}

/** The lists of statements that PostgreSQL is writing, the oldest first. */
export class PendingLists {
  #lists: PendingList[] = [];

  /** The slugs that each list takes. */
  get slugs(): ReadonlySet<string>[] {
    return this.#lists.map(({ slugs }) => slugs);
  }

  /** Waits until another list can be written. @throws the error of the list that it waited for. */
  async makeRoom(): Promise<void> {
    if (this.#lists.length === LISTS_AT_ONCE_MAX) await this.#lists.shift()?.written;
  }

  /** Adds a list. The methods that wait for it throw its error. */
  add({ results, items, drafts }: PreparedList, written: Promise<void>): void {
    written.catch(() => undefined); // it may fail before a method waits for it, which throws the error
    const slugs = new Set(drafts.map(({ slug }) => slug));
    const keys = items.flatMap((item, i) => (results[i]?.outcome === 'new' ? (item?.key ?? []) : []));
    this.#lists.push({ slugs, names: new Set([...slugs, ...keys]), written });
  }

  /** Waits for the lists that have a key or slug of one of the items, or a statement to which one of them links. */
  async waitFor(items: readonly StatementItem[]): Promise<void> {
    for (const { names, written } of [...this.#lists])
      if (items.some((item) => isRelated(item, names))) await written;
  }

  /** Waits for all lists. @throws the first error of one of them. */
  async finish(): Promise<void> {
    const lists = this.#lists.splice(0);
    await Promise.allSettled(lists.map(({ written }) => written));
    for (const { written } of lists) await written;
  }
}

/** Whether a statement has one of these slugs and keys, or links to one. */
function isRelated({ key, input: { slug, links } }: StatementItem, names: ReadonlySet<string>): boolean {
  if (key !== null && names.has(key)) return true;
  if (slug !== undefined && names.has(slug)) return true;
  return links?.some(({ to }) => names.has(to)) ?? false;
}
