import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import type { Account } from './comparison.ts';
import { SidesQuery } from './eventQuery.ts';

/**
 * All sides of an event, of which the view's own answer has the first. Further pages are loaded one after the other.
 * @returns the sides that are known so far.
 */
export function useSides(slug: string, first: readonly Account[], total: number): readonly Account[] {
  const client = useClient();
  const [rest, setRest] = useState<readonly Account[]>([]);
  useEffect(() => {
    let isCurrent = true;
    const load = async (): Promise<void> => {
      const loaded: Account[] = [];
      while (isCurrent && first.length + loaded.length < total) {
        const variables = { slug, offset: first.length + loaded.length };
        const { data } = await client.query(SidesQuery, variables);
        const page = data?.event?.accounts ?? [];
        if (page.length === 0) return; // the list says that it is incomplete
        loaded.push(...page);
        if (isCurrent) setRest([...loaded]);
      }
    };
    void load();
    return () => {
      isCurrent = false;
    };
  }, [client, slug, first, total]);
  return [...first, ...rest];
}
