import type { EnumOf } from '../../graphql/tada.ts';
import { fuzzyDateText } from '../../words/date.ts';
import {
  ActorOptionsQuery,
  EventOptionsQuery,
  type MostStatementsData,
  SourceOptionsQuery,
  TopicOptionsQuery,
} from './optionsQueries.ts';
import type { Option } from './Picker.tsx';

/** An actor, topic, event or source that a search for names has found. */
interface Found {
  readonly slug: string;
  readonly name: string;
  readonly statements: { readonly totalCount: number };
  readonly aliases?: readonly { readonly name: string }[];
  readonly parent?: { readonly name: string } | null;
  readonly publisher?: { readonly name: string } | null;
  readonly date?: { readonly edtf: string };
}

/** What a picker of the feed chooses from. */
export interface Choice {
  readonly label: string;
  readonly placeholder: string;
  readonly by: EnumOf<'StatementDimension'>;
  /** The condition of the feed that a choice sets. */
  readonly list: 'actors' | 'topics' | 'events' | 'sources';
  readonly query:
    | typeof ActorOptionsQuery
    | typeof TopicOptionsQuery
    | typeof EventOptionsQuery
    | typeof SourceOptionsQuery;
}

export const CHOICES: readonly Choice[] = [
  {
    label: 'Actor',
    placeholder: 'Said or passed on by …',
    by: 'SPEAKER',
    list: 'actors',
    query: ActorOptionsQuery,
  },
  { label: 'Topic', placeholder: 'About, or below …', by: 'TOPIC', list: 'topics', query: TopicOptionsQuery },
  {
    label: 'Event',
    placeholder: 'On the occasion of …',
    by: 'EVENT',
    list: 'events',
    query: EventOptionsQuery,
  },
  { label: 'Source', placeholder: 'Written in …', by: 'SOURCE', list: 'sources', query: SourceOptionsQuery },
];

const countText = (count: number): string => (count === 1 ? '1 statement' : `${count} statements`);

/** The alias that the search has matched: "Moscow" for Russia. */
function matchedAlias({ aliases = [], name }: Found, search: string): string | undefined {
  const text = search.trim().toLowerCase();
  if (!text || name.toLowerCase().includes(text)) return undefined;
  return aliases.find((alias) => alias.name.toLowerCase().startsWith(text))?.name;
}

/** The options of a search, in its order. */
export function foundOptions(found: readonly Found[], search: string): Option[] {
  return found.map((one) => {
    const { slug, name, parent, publisher, date, statements } = one;
    const facts = [
      matchedAlias(one, search) ?? parent?.name ?? publisher?.name ?? (date && fuzzyDateText(date)),
      countText(statements.totalCount),
    ];
    return { slug, name, note: facts.filter(Boolean).join(', ') };
  });
}

/** The options with most statements. */
export function activeOptions({ statementCounts }: MostStatementsData): Option[] {
  return statementCounts.groups.flatMap(({ count, speaker, topic, event, source }) => {
    const thing = speaker ?? topic ?? event ?? source;
    return thing ? [{ ...thing, note: countText(count) }] : [];
  });
}
