import { parser } from '@prometheus-io/lezer-promql';
import type { Scraped } from './metrics.ts';

/** Labels that Prometheus adds to every series. */
const TARGET_LABELS = ['job', 'instance'];
/** What a query may use beside the metrics of the service. */
const OF_PROMETHEUS = 'up';

/**
 * The faults of a query: what the grammar of PromQL does not have, and names, labels and values that no sample has. Values of
 * `code` are not checked, because few errors occur in a test.
 */
export function faultsOf(query: string, samples: readonly Scraped[]): string[] {
  const expression = query.replaceAll('$__rate_interval', '5m');
  const faults: string[] = [];
  const labels = new Set(TARGET_LABELS);
  const grouped: string[] = [];
  let metric = '';
  parser.parse(expression).iterate({
    enter: (node) => {
      const text = expression.slice(node.from, node.to);
      if (node.type.isError) faults.push(`a syntax error at “${expression.slice(node.from)}”`);
      if (node.name === 'VectorSelector') {
        metric = /^[\w:]+/.exec(text)?.[0] ?? '';
        const found = samples.filter(({ name }) => name === metric);
        if (found.length === 0 && metric !== OF_PROMETHEUS) faults.push(`no metric ${metric}`);
        for (const sample of found) for (const label of Object.keys(sample.labels)) labels.add(label);
      }
      if (node.name === 'UnquotedLabelMatcher') faults.push(...faultsOfMatcher(text, metric, samples));
      if (node.name === 'GroupingLabels') grouped.push(...(text.match(/\w+/g) ?? []));
    },
  });
  return [...faults, ...grouped.filter((label) => !labels.has(label)).map((label) => `no label ${label}`)];
}

function faultsOfMatcher(matcher: string, metric: string, samples: readonly Scraped[]): string[] {
  const [, label = '', operator = '', value = ''] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(matcher) ?? [];
  if (TARGET_LABELS.includes(label)) return [];
  const values = samples.filter(({ name }) => name === metric).map(({ labels }) => labels[label]);
  if (values.every((known) => known === undefined)) return [`no label ${label} of ${metric}`];
  const pattern = new RegExp(`^(?:${value})$`);
  const isServed = operator.endsWith('~')
    ? values.some((known) => pattern.test(known ?? ''))
    : values.includes(value);
  return label === 'code' || isServed ? [] : [`no ${label}="${value}" of ${metric}`];
}
