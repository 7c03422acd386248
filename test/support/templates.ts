/** A database with the migrations applied and nothing in it. */
export const TEMPLATE = 'readout_template';
/** The same with the seed loaded. */
export const SEEDED_TEMPLATE = 'readout_seeded';

/** The URL of another database on the same server. */
export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
