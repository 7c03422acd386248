import { dateToDay } from '../../db/day.ts';
import type { Affiliation } from '../../db/generated/client.ts';
import { builder } from './builder.ts';
import { FuzzyDateRef, periodDate } from './date.ts';

export const AffiliationRef = builder.objectRef<Affiliation>('Affiliation').implement({
  description: 'An actor’s role in another actor.',
  fields: (t) => ({
    actor: t.field({
      type: 'Actor',
      description: 'The actor that has the role.',
      resolve: (a, _, { load }) => load.actor.load(a.actorId),
    }),
    in: t.field({
      type: 'Actor',
      description: 'The state, organisation or body in which it has the role.',
      resolve: (a, _, { load }) => load.actor.load(a.inId),
    }),
    role: t.exposeString('role', { description: 'The role, such as President.' }),
    since: t.field({
      type: FuzzyDateRef,
      nullable: true,
      description: 'When the role began, as precisely as it is known; null if not known.',
      resolve: (a) => periodDate(a.from, a.fromEdtf),
    }),
    until: t.field({
      type: FuzzyDateRef,
      nullable: true,
      description: 'When the role ended, as precisely as it is known; null if it continues, or if not known.',
      resolve: (a) => periodDate(a.to, a.toEdtf),
    }),
    from: t.field({
      type: 'Date',
      nullable: true,
      description: 'First day on which it can have been held: the earliest of `since`; null if not known.',
      resolve: (a) => a.from && dateToDay(a.from),
    }),
    to: t.field({
      type: 'Date',
      nullable: true,
      description:
        'Last day on which it can have been held: the latest of `until`; null if it continues, or if not known.',
      resolve: (a) => a.to && dateToDay(a.to),
    }),
  }),
});
