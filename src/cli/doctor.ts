import { ReadoutError } from '../base/errors.ts';
import { loadConfig } from '../config/config.ts';
import { runningDatabaseUrl } from '../db/embedded/runningServer.ts';
import { checkDatabase } from '../doctor/database.ts';
import { type Finding, fail, formatFinding, ok, warn } from '../doctor/finding.ts';
import { checkMachine } from '../doctor/machine.ts';
import { checkService } from '../doctor/service.ts';
import { parseCommandLine, runMain } from './command.ts';

const USAGE = `Usage: npm run doctor

Checks this machine, the database, and the service at READOUT_URL if it is set (https://readout.example), through the proxies before it.
It changes nothing. READOUT_TOKEN is needed where reading needs a token.
Each line says what was found and what to do. Exits with 0 if nothing fails, 1 if something does.`;

const EXIT_FAILED = 1;

async function checkAll(): Promise<Finding[]> {
  const { config, notices } = loadConfig(process.env);
  const findings = [
    ok('settings', 'can be used'),
    ...notices.map((notice) => warn('settings', notice.replace(/\. .*$/, ''), notice.replace(/^.*?\. /, ''))),
    ...(await checkMachine(config)),
  ];
  const url = config.databaseUrl ?? (await runningDatabaseUrl(config.dataDir));
  if (url === null)
    findings.push(ok('PostgreSQL', 'the service’s own, which does not run; its start checks it'));
  else findings.push(...(await checkDatabase(url, config)));
  const origin = process.env.READOUT_URL;
  if (origin === undefined) return findings;
  if (!URL.canParse(origin)) {
    return [...findings, fail('service', 'READOUT_URL is not a URL', 'Write it as https://readout.example.')];
  }
  return [...findings, ...(await checkService(new URL(origin).origin, process.env.READOUT_TOKEN))];
}

async function main(): Promise<number> {
  const { values } = parseCommandLine(USAGE, { options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const findings = await checkAll().catch((error: unknown) => {
    if (!(error instanceof ReadoutError)) throw error;
    return [fail('settings', error.message, 'Correct them.')];
  });
  for (const finding of findings) console.log(formatFinding(finding));
  return findings.some(({ level }) => level === 'FAIL') ? EXIT_FAILED : 0;
}

runMain(main, EXIT_FAILED);
