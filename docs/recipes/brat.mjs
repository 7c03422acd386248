// Turns files of the annotation tool brat (.txt with .ann) into Readout JSONL: node brat.mjs SOURCE_SLUG SAID FILE.ann
// Text-bound annotations named Content, Cue, Speaker and Addressee become anchors; relations join the others to their content.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [source, said, path] = process.argv.slice(2);
const points = [...readFileSync(path.replace(/\.ann$/, '.txt'), 'utf8')]; // brat counts code points, as Readout does
const digest = (text) => createHash('sha256').update(text).digest('hex');
const spans = new Map();
const parts = new Map();
for (const line of readFileSync(path, 'utf8').split('\n')) {
  const [id, annotation = ''] = line.split('\t');
  const [name, ...rest] = annotation.split(' ');
  if (id.startsWith('T')) {
    const pieces = rest
      .join(' ')
      .split(';')
      .map((piece) => piece.split(' ').map(Number));
    spans.set(id, { role: name.toUpperCase(), pieces });
  } else if (id.startsWith('R')) {
    const [from, to] = rest.map((argument) => argument.replace(/^.*:/, ''));
    const [content, part] = spans.get(from).role === 'CONTENT' ? [from, to] : [to, from];
    parts.set(content, [...(parts.get(content) ?? []), part]);
  }
}
const words = (id) =>
  spans
    .get(id)
    .pieces.map(([start, end]) => points.slice(start, end).join(''))
    .join(' ');
const anchors = (id) =>
  spans.get(id).pieces.map(([start, end]) => ({
    start,
    end,
    digest: digest(points.slice(start, end).join('')),
    role: spans.get(id).role,
  }));
console.log(JSON.stringify({ readout: 1 }));
console.log(
  JSON.stringify({
    source: { slug: source, title: path, digest: digest(points.join('')), length: points.length },
  }),
);
for (const [id] of [...spans].filter(([, { role }]) => role === 'CONTENT')) {
  const own = parts.get(id) ?? [];
  const mentions = own
    .filter((part) => spans.get(part).role === 'SPEAKER')
    .map((part) => ({ as: words(part) }));
  const statement = {
    key: `${source}:${id}`,
    quote: words(id),
    mode: 'MIXED',
    act: 'STATE',
    mentions,
    said,
    source,
    anchors: [id, ...own].flatMap(anchors),
  };
  if (mentions.length > 0) console.log(JSON.stringify({ statement }));
  else console.error(`${path}: ${id} has no speaker and was left out`);
}
