import { restoreBackup } from '../backup/restore.ts';
import { loadConfig } from '../config/config.ts';
import { parseCommandLine, runMain, UsageError } from './command.ts';
import { onDatabase, withProgress } from './recordDatabase.ts';
import { printReport } from './verifyHistory.ts';

const USAGE = `Usage: npm run restore -- FILE [--replace]

Restores a backup into the database in DATABASE_URL, or else into the one in DATA_DIR, and checks it. Stop the service first.
  --replace   the record that the database has is lost; without it, a database with a record is refused
Exits with 0 if the record is restored and fits its chain of digests, 1 if it does not fit, 2 if it was not restored.`;

const EXIT_MISMATCH = 1;
const EXIT_NOT_RESTORED = 2;

async function main(): Promise<number> {
  const { values, positionals } = parseCommandLine(USAGE, {
    allowPositionals: true,
    options: { replace: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const [file, ...rest] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (file === undefined || rest.length > 0) throw new UsageError('Name one file.', USAGE);
  const { manifest, report } = await onDatabase(loadConfig(process.env).config, true, (url) =>
    withProgress((progress) =>
      restoreBackup({
        ...{ url, file, replace: values.replace ?? false },
        onProgress: (state) => progress.at(state),
      }),
    ),
  );
  console.log(`Restored the record of ${manifest.madeAt} at position ${manifest.position}.`);
  printReport(report, manifest.digest, false);
  console.log(
    'Tokens are valid as they were then: see “npm run token -- list”, and revoke those that were revoked since.',
  );
  return report.mismatches.length === 0 && report.hasExpected ? 0 : EXIT_MISMATCH;
}

runMain(main, EXIT_NOT_RESTORED);
