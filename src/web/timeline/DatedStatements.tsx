import { useMemo } from 'react';
import type { StatementFilter } from '../live/useFollow.ts';
import { Link } from '../router/Link.tsx';
import { refine, usePlace } from '../router/location.ts';
import { FeedList } from './FeedList.tsx';
import { Histogram } from './Histogram.tsx';
import { RangeFields } from './RangeFields.tsx';
import { parseRange, rangeAddress, withinRange } from './range.ts';

/** The statements of a view, newest first and live, with a choice of days that is kept in the address. */
export function DatedStatements({ filter }: { readonly filter: StatementFilter }) {
  const { pathname, search } = usePlace();
  const range = useMemo(() => parseRange(search), [search]);
  const dated = useMemo(() => withinRange(filter, range), [filter, range]);
  const isNarrowed = range.from !== '' || range.to !== '';
  return (
    <div className="dated-statements">
      <search className="dated-range" aria-label="Days">
        <RangeFields
          range={range}
          onRange={(part) => refine(rangeAddress(pathname, { ...range, ...part }))}
        />
        {isNarrowed && (
          <Link href={pathname} refines>
            All days
          </Link>
        )}
      </search>
      <Histogram filter={dated} range={range} addressOf={(bin) => rangeAddress(pathname, bin)} />
      <FeedList key={JSON.stringify(dated)} filter={dated} level={3} loads="on demand">
        {isNarrowed && <p className="notice">No statement was said on these days.</p>}
      </FeedList>
    </div>
  );
}
