import { useQuery } from 'urql';
import { StanceLabel } from '../cards/StanceLabel.tsx';
import { FirstOf } from '../frame/FirstOf.tsx';
import { Waiting } from '../frame/Waiting.tsx';
import { Link } from '../router/Link.tsx';
import { STANCES, type Stance } from '../words/stance.ts';
import { TopicCountsQuery } from './topicCountsQuery.ts';

const SHOWN = 10;

interface Row {
  readonly slug: string;
  readonly name: string;
  readonly counts: ReadonlyMap<Stance | null, number>;
  readonly total: number;
}

interface Group {
  readonly count: number;
  readonly stance: Stance | null;
  readonly topic: { readonly slug: string; readonly name: string } | null;
}

/** A row for each topic, most statements first. */
function rowsOf(groups: readonly Group[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { topic, stance, count } of groups) {
    if (!topic) continue;
    const { counts, total } = rows.get(topic.slug) ?? { counts: [], total: 0 };
    rows.set(topic.slug, { ...topic, counts: new Map([...counts, [stance, count]]), total: total + count });
  }
  return [...rows.values()].sort((a, b) => b.total - a.total);
}

/** What an actor speaks about: for each topic, how many of its statements take which stance. */
export function TopicCounts({ slug, name }: { readonly slug: string; readonly name: string }) {
  const [{ data, fetching }] = useQuery({ query: TopicCountsQuery, variables: { slug } });
  if (!data && fetching) return <Waiting />;
  const { groups = [], isComplete } = data?.statementCounts ?? {};
  const rows = rowsOf(groups);
  if (rows.length === 0) return null;
  // A narrow page has no columns: each count follows its own label there.
  const stanceCell = (row: Row, stance: Stance) => {
    const count = row.counts.get(stance);
    if (!count) return <td key={stance} />;
    return (
      <td key={stance}>
        <StanceLabel stance={stance} />{' '}
        <Link href={`/?actor=${slug}&topic=${row.slug}&stance=${stance.toLowerCase()}`}>{count}</Link>
      </td>
    );
  };
  return (
    <section aria-labelledby="topics">
      <h2 id="topics">What {name} speaks about</h2>
      <p className="aside">Statements that only others report of it count, too.</p>
      <FirstOf items={rows} max={SHOWN}>
        {(shown) => (
          <div className="scrolls">
            <table className="topic-counts">
              <thead>
                <tr>
                  <th scope="col">Topic</th>
                  {STANCES.map((stance) => (
                    <th key={stance} scope="col">
                      <StanceLabel stance={stance} />
                    </th>
                  ))}
                  <th scope="col">No stance</th>
                  <th scope="col">Statements</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((row) => (
                  <tr key={row.slug}>
                    <th scope="row">
                      <Link href={`/topics/${row.slug}`}>{row.name}</Link>
                    </th>
                    {STANCES.map((stance) => stanceCell(row, stance))}
                    <td data-label="No stance">{row.counts.get(null)}</td>
                    <td data-label="Statements">{row.total}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </FirstOf>
      {!isComplete && <p className="aside">Rare topics are left out.</p>}
    </section>
  );
}
