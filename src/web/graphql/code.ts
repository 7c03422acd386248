import type { CombinedError } from 'urql';

/** The `extensions.code` of the first error that has one; null for a fault of the connection. */
export function codeOf(error: CombinedError): string | null {
  for (const { extensions } of error.graphQLErrors) {
    if (typeof extensions.code === 'string') return extensions.code;
  }
  return null;
}
