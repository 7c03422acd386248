import type { StatementStatus } from '../../db/generated/enums.ts';
import {
  ACTOR_KIND,
  ANCHOR_ROLE,
  ANCHOR_STATUS,
  ATTRIBUTION_FORM,
  type Choice,
  EVENT_KIND,
  LINK_KIND,
  STANCE,
  STATEMENT_ACT,
  STATEMENT_MODE,
} from '../../domain/input/choice.ts';
import { WARNING_CODE } from '../../domain/warning.ts';
import { builder } from './builder.ts';

/** An enum whose every value has a description. */
function enumOf<Value extends string>({ name, description, meanings }: Choice<Value>) {
  const values = Object.fromEntries(
    Object.entries<string>(meanings).map(([value, meaning]) => [value, { value, description: meaning }]),
  ) as Record<Value, { value: Value; description: string }>;
  return builder.enumType(name, { description, values });
}

export const ActorKindEnum = enumOf(ACTOR_KIND);
export const StanceEnum = enumOf(STANCE);
export const EventKindEnum = enumOf(EVENT_KIND);
export const StatementModeEnum = enumOf(STATEMENT_MODE);
export const StatementActEnum = enumOf(STATEMENT_ACT);
export const AttributionFormEnum = enumOf(ATTRIBUTION_FORM);
export const AnchorRoleEnum = enumOf(ANCHOR_ROLE);
export const AnchorStatusEnum = enumOf(ANCHOR_STATUS);
export const LinkKindEnum = enumOf(LINK_KIND);
export const WarningCodeEnum = enumOf(WARNING_CODE);

export const StatementStatusEnum = enumOf<StatementStatus>({
  name: 'StatementStatus',
  description: 'Whether a statement was retracted.',
  meanings: {
    CURRENT: 'It was not retracted.',
    RETRACTED:
      'It was recorded in error. It stays, with the reason, and leaves lists unless they ask for it.',
  },
});
