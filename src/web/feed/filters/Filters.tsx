import { type ReactNode, useId, useState } from 'react';
import { StanceShape } from '../../cards/StanceShape.tsx';
import { Link } from '../../router/Link.tsx';
import { refine } from '../../router/location.ts';
import { RangeFields } from '../../timeline/RangeFields.tsx';
import { STANCES, type Stance, stanceClass, stanceName } from '../../words/stance.ts';
import { Conditions } from './Conditions.tsx';
import { countConditions, type FeedFilter, formatFeedFilter } from './feedFilter.ts';
import { NamePicker } from './NamePicker.tsx';
import { CHOICES } from './options.ts';
import { WordsField } from './WordsField.tsx';

interface Props {
  readonly filter: FeedFilter;
  /** What stands below the fields. */
  readonly children: ReactNode;
}

/** The filter of the feed. It is in the address, so that a link leads to the same feed. */
export function Filters({ filter, children }: Props) {
  const id = useId();
  const count = countConditions(filter);
  const [isOpen, setOpen] = useState(false);
  const change = (part: Partial<FeedFilter>, options?: { readonly replace: boolean }): void =>
    refine(formatFeedFilter({ ...filter, ...part }), options);
  const toggle = (stance: Stance): void => {
    const { stances } = filter;
    change({
      stances: stances.includes(stance) ? stances.filter((s) => s !== stance) : [...stances, stance],
    });
  };
  return (
    <search className="filters">
      <button
        type="button"
        className="filters-toggle"
        aria-expanded={isOpen}
        aria-controls={`${id}fields`}
        onClick={() => setOpen(!isOpen)}
      >
        Filters{count > 0 && ` (${count})`}
      </button>
      <Conditions filter={filter} />
      <form
        id={`${id}fields`}
        className={`filter-fields ${isOpen ? 'is-open' : ''}`}
        onSubmit={(event) => event.preventDefault()}
      >
        <WordsField words={filter.words} onWords={(words) => change({ words }, { replace: true })} />
        {CHOICES.map((choice) => (
          <NamePicker
            key={choice.list}
            choice={choice}
            onPick={({ slug }) => change({ [choice.list]: [...new Set([...filter[choice.list], slug])] })}
          />
        ))}
        <fieldset className="stance-choice">
          <legend>Stance taken</legend>
          {STANCES.map((stance) => (
            <label key={stance} className={stanceClass(stance)}>
              <input
                type="checkbox"
                checked={filter.stances.includes(stance)}
                onChange={() => toggle(stance)}
              />
              <StanceShape stance={stance} />
              {stanceName(stance)}
            </label>
          ))}
        </fieldset>
        <RangeFields range={filter} onRange={change} />
        <label className="retracted-choice">
          <input
            type="checkbox"
            checked={filter.retracted}
            onChange={(event) => change({ retracted: event.target.checked })}
          />
          Include retracted statements
        </label>
        <p className="filters-clear">
          {count > 0 && (
            <Link href="/" refines>
              Clear all
            </Link>
          )}
        </p>
        {children}
      </form>
    </search>
  );
}
