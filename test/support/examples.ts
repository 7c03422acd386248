import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../src/web/graphiql/examples/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');
const files = readdirSync(FOLDER);

/** The examples of GraphiQL, read from their files. `variables` is JSON. */
export const examples = files
  .filter((file) => file.endsWith('.graphql'))
  .map((file) => {
    const json = file.replace('.graphql', '.json');
    return { file, query: read(file), variables: files.includes(json) ? read(json) : '{}' };
  });
