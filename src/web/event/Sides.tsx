import { useState } from 'react';
import { SearchField } from '../frame/SearchField.tsx';
import { Link } from '../router/Link.tsx';
import { refine } from '../router/location.ts';
import { joinNames } from '../words/names.ts';
import type { Account, EventData } from './comparison.ts';
import { useSides } from './useSides.ts';

const SHOWN_AT_FIRST = 24;

/** The address of an event where only these sides are compared. */
function comparedAddress(slug: string, sides: readonly string[]): string {
  const search = new URLSearchParams(sides.map((side) => ['side', side]));
  return sides.length > 0 ? `/events/${slug}?${search}` : `/events/${slug}`;
}

interface Props {
  readonly event: Pick<EventData, 'slug' | 'accounts' | 'accountCount'>;
  /** Slugs of the sides that are compared; empty if all are. */
  readonly chosen: readonly string[];
}

/** The sides of an event with many of them: how much each says, who is silent, and a choice of those that are compared. */
export function Sides({ event, chosen }: Props) {
  const { slug, accountCount } = event;
  const sides = useSides(slug, event.accounts, accountCount);
  const [wanted, setWanted] = useState('');
  const [picked, setPicked] = useState<readonly string[]>(chosen);
  const fits = ({ side }: Account): boolean => side.name.toLowerCase().includes(wanted.trim().toLowerCase());
  const speaking = sides.filter(({ statementCount }) => statementCount > 0);
  const silent = sides.filter(({ statementCount }) => statementCount === 0);
  const toggle = (side: string): void =>
    setPicked(picked.includes(side) ? picked.filter((one) => one !== side) : [...picked, side]);
  return (
    <section aria-labelledby="sides" className="sides">
      <h2 id="sides">Sides</h2>
      <p>
        {speaking.length} of {accountCount} sides speak.{' '}
        {sides.length < accountCount && `The first ${sides.length} are shown. `}
        {chosen.length > 0 && (
          <Link href={comparedAddress(slug, [])} refines>
            Compare all sides again
          </Link>
        )}
      </p>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          if (picked.length >= 2) refine(comparedAddress(slug, picked));
        }}
      >
        <SearchField label="Find a side" text={wanted} onText={setWanted} />
        <SpeakingSides
          key={wanted}
          sides={speaking.filter(fits).sort((a, b) => b.statementCount - a.statementCount)}
          picked={picked}
          toggle={toggle}
        />
        <p>
          <button type="submit" aria-disabled={picked.length < 2}>
            {picked.length < 2 ? 'Choose two or more sides to compare' : `Compare these ${picked.length}`}
          </button>
        </p>
      </form>
      <SilentSides sides={silent.filter(fits)} />
    </section>
  );
}

interface SpeakingProps {
  readonly sides: readonly Account[];
  readonly picked: readonly string[];
  readonly toggle: (side: string) => void;
}

function SpeakingSides({ sides, picked, toggle }: SpeakingProps) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? sides : sides.slice(0, SHOWN_AT_FIRST);
  if (sides.length === 0) return <p className="aside">No side that speaks fits.</p>;
  return (
    <>
      <ul className="side-list">
        {shown.map(({ side, statementCount }) => (
          <li key={side.slug}>
            <label>
              <input
                type="checkbox"
                checked={picked.includes(side.slug)}
                onChange={() => toggle(side.slug)}
              />
              <span>{side.name}</span>
              <span className="side-count">
                {statementCount}
                <span className="unseen">{statementCount === 1 ? ' statement' : ' statements'}</span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      {shown.length < sides.length && (
        <p className="more">
          Shown are the {shown.length} of {sides.length} that say most.{' '}
          <button type="button" onClick={() => setWhole(true)}>
            Show all
          </button>
        </p>
      )}
    </>
  );
}

function SilentSides({ sides }: { readonly sides: readonly Account[] }) {
  const [isWhole, setWhole] = useState(false);
  if (sides.length === 0) return null;
  const shown = isWhole ? sides : sides.slice(0, SHOWN_AT_FIRST);
  return (
    <p className="silent-sides">
      <b>Silent:</b> {joinNames(shown.map(({ side }) => side.name))}
      {shown.length < sides.length && ` – the first ${shown.length} of ${sides.length}`}.{' '}
      {shown.length < sides.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Name all
        </button>
      )}
    </p>
  );
}
