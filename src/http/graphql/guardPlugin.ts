import { type ExecutionArgs, NoSchemaIntrospectionCustomRule, type Source, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ReadoutError } from '../../base/errors.ts';
import type { Limits } from '../../config/limits.ts';
import { documentPoints, invalidityPoints } from '../cost/prices.ts';
import type { Billing } from '../limits/billing.ts';
import { limitErrorOf, parseWithin } from '../limits/document.ts';
import type { Execute, Guard, GuardedContext } from '../limits/guard.ts';

/** Validation errors that are reported. The search for similar names makes each of them expensive. */
const VALIDATION_ERRORS_MAX = 20;

export interface GuardingOptions {
  readonly guard: Guard;
  readonly billing: Billing;
  readonly limits: Limits;
  /** Whether clients may read the schema and get suggestions for misspelt names. */
  readonly explore: boolean;
}

/** Lets the guard check, charge and run each operation of Yoga. */
export function guardPlugin({ guard, billing, limits, explore }: GuardingOptions): Plugin {
  return {
    onParse: ({ params, context, setParseFn }) => {
      const text = String((params.source as Source).body ?? params.source);
      const asked = context as unknown as GuardedContext;
      guard.allow(text, asked.identity);
      // Called only for documents that are not cached.
      setParseFn((source: string | Source) => {
        billing.spendOnce(billing.payerOf(asked.identity, asked), documentPoints(text.length), asked);
        return parseWithin(source, limits);
      });
    },
    onValidate: ({ context, setValidationFn, addValidationRule }) => {
      if (!explore) addValidationRule(NoSchemaIntrospectionCustomRule);
      // Called only for documents whose result is not cached.
      setValidationFn((schema, document, rules) => {
        const error = limitErrorOf(document, limits);
        if (error) return [error];
        const errors = validate(schema, document, rules, {
          hideSuggestions: !explore,
          maxErrors: VALIDATION_ERRORS_MAX,
        });
        if (errors.length > 0) {
          const asked = context as unknown as GuardedContext;
          billing.settle(billing.payerOf(asked.identity, asked), invalidityPoints(errors.length), asked);
        }
        return errors;
      });
    },
    onExecute: ({ executeFn, setExecuteFn }) => {
      const execute = executeFn as unknown as Execute;
      setExecuteFn(((args: ExecutionArgs) => guard.execute(args, execute)) as unknown as typeof executeFn);
    },
    onSubscribe: () => {
      throw new ReadoutError(
        'INVALID_INPUT',
        'Follow a subscription over WebSocket, or with the header “accept: text/event-stream”.',
      );
    },
  };
}
