import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { costOf } from '../http/cost.ts';
import { schema } from '../schema/schema.ts';

const files = (readdirSync('src/web', { recursive: true }) as string[]).filter(
  (f) => /\.tsx?$/.test(f) && !f.includes('/_') && !f.startsWith('_'),
);
const text = files.map((f) => readFileSync(`src/web/${f}`, 'utf8')).join('\n');
const card = text.match(/fragment StatementCard on Statement[\s\S]*?`/)![0].slice(0, -1);
for (const m of text.matchAll(/graphql\(\s*`\s*((query|subscription)[\s\S]*?)`/g)) {
  const doc = parse(m[1] + (m[1]!.includes('...StatementCard') ? card : ''));
  const op = doc.definitions.find((d) => d.kind === 'OperationDefinition')!;
  console.log(
    (op as any).name.value,
    costOf(schema, doc, op as any, { filter: {}, slug: 'x', search: null, after: null }),
  );
}
