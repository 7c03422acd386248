import { z } from 'zod';
import { invalidBackup } from './fault.ts';
import { type BackupTable, copyTarget } from './tables.ts';

/*
 * A backup is a text in gzip. The first line names the format, the second is the manifest, as a comment. Then follow the tables as
 * `COPY … FROM stdin;`, their rows in PostgreSQL's text format, and a line `\.`. The last line says that the backup is complete.
 */

/** The first line of a backup, with the version of its format. */
const FIRST_LINE = '-- Readout backup, format 1';
export const LAST_LINE = '-- The backup is complete.';
export const END_OF_ROWS = '\\.';
const MANIFEST_PREFIX = '-- ';
const ANY_FORMAT = /^-- Readout backup, format (\d+)$/;

const manifestShape = z.object({
  /** The version of the service that has written it. */
  version: z.string(),
  /** RFC 3339 in UTC. */
  madeAt: z.string(),
  position: z.string(),
  /** The digest of the last change, in hexadecimal; the genesis digest for position 0. */
  digest: z.string(),
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()), rows: z.number() })),
  sequences: z.array(z.object({ name: z.string(), last: z.string() })),
});

/** What a backup says about itself. */
export type Manifest = Readonly<z.output<typeof manifestShape>>;

/** The lines before the tables. */
export function formatManifest(manifest: Manifest): string {
  return `${FIRST_LINE}\n${MANIFEST_PREFIX}${JSON.stringify(manifest)}\n`;
}

/** @throws ReadoutError INVALID_INPUT where these are not the first two lines of a backup. */
export function parseManifest(first: string, second: string): Manifest {
  if (first !== FIRST_LINE) {
    const [, format] = ANY_FORMAT.exec(first) ?? [];
    throw invalidBackup(
      format === undefined
        ? 'it is not a backup of Readout'
        : `its format ${format} is not known to this version of Readout. Restore it with the version that made it, or a newer one`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(second.slice(MANIFEST_PREFIX.length));
  } catch {
    throw invalidBackup('its second line is not a manifest, so it is damaged');
  }
  const parsed = manifestShape.safeParse(json);
  if (parsed.success) return parsed.data;
  throw invalidBackup(`its manifest is damaged: ${z.prettifyError(parsed.error)}`);
}

/** The line before the rows of a table. */
export function copyCommand(table: BackupTable): string {
  return `COPY ${copyTarget(table)} FROM stdin;`;
}

export function rowCountOf({ tables }: Pick<Manifest, 'tables'>): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}
