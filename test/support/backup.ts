import { onServer } from './database.ts';

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

/** Copies a database without connections, as a backup would. */
export async function backUp(url: string): Promise<{ restore(): Promise<void>; drop(): Promise<void> }> {
  const name = nameOf(url);
  const copy = `${name}_backup`;
  await onServer((client) => client.query(`CREATE DATABASE ${copy} TEMPLATE ${name}`));
  return {
    /** Puts the copy in the place of the database, and cuts its connections. */
    async restore() {
      await onServer(async (client) => {
        await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
        await client.query(`CREATE DATABASE ${name} TEMPLATE ${copy}`);
      });
    },
    drop: () => onServer(async (client) => void (await client.query(`DROP DATABASE ${copy}`))),
  };
}
