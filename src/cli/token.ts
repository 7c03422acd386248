import { type ErrorCode, ReadoutError } from '../base/errors.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { openDatabase, type Prisma } from '../db/client.ts';
import { runningDatabaseUrl } from '../db/embedded/runningServer.ts';
import type { Token } from '../db/generated/client.ts';
import { TokenRole } from '../db/generated/enums.ts';
import { isValid, listTokens, makeToken, revokeToken, storeToken } from '../domain/access/token.ts';
import { parseDay } from '../domain/input/date.ts';
import { prepareStore } from '../store.ts';
import { parseCommandLine, runMain, UsageError } from './command.ts';

const USAGE = `Usage: npm run token -- create --name NAME [--role ROLE] [--expires DAY]
       npm run token -- list
       npm run token -- revoke NAME

Makes, lists and revokes the tokens of the record in DATABASE_URL, or else of the one in DATA_DIR. The service can be running or not.
  --name NAME      who uses the token; everything recorded with it has this name as “by”
  --role ROLE      reader (the default) or recorder
  --expires DAY    the last day on which it works, in UTC: 2027-01-31; by default it works until it is revoked
A token is shown once, when it is made. A revoked one stops working within seconds.
Exits with 0 if it was done, 1 if it was refused, 2 if it could not be tried.`;

const EXIT_REFUSED = 1;
const EXIT_NOT_TRIED = 2;
const DAY_MS = 86_400_000;
/** The codes with which the record refuses a command. After any other error, the command was not carried out. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['INVALID_INPUT', 'CONFLICT', 'NOT_FOUND']);

type Command = (prisma: Prisma) => Promise<string>;

function parseCommand(): Command | 'help' {
  const { values, positionals } = parseCommandLine(USAGE, {
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      role: { type: 'string' },
      expires: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [command, ...rest] = positionals;
  if (values.help) return 'help';
  const given = Object.keys(values);
  if (command === 'create' && rest.length === 0) return create(values);
  if (command === 'list' && rest.length === 0 && given.length === 0) return list;
  if (command === 'revoke' && given.length === 0) {
    const [name, ...more] = rest;
    if (name === undefined || more.length > 0) throw new UsageError('Name one token to revoke.', USAGE);
    return async (prisma) => {
      await revokeToken(prisma, name);
      return `Revoked the token “${name}”. It stops working within seconds.`;
    };
  }
  throw new UsageError(`“${process.argv.slice(2).join(' ')}” is not a command.`, USAGE);
}

function create(values: { name?: string; role?: string; expires?: string }): Command {
  const { name } = values;
  if (name === undefined) throw new UsageError('Give the token a name with --name.', USAGE);
  const role = Object.values(TokenRole).find((known) => known === (values.role ?? 'reader'));
  if (!role) throw new UsageError(`--role must be one of ${Object.values(TokenRole).join(', ')}.`, USAGE);
  const expiresAt = values.expires === undefined ? null : endOf(values.expires);
  return async (prisma) => {
    const token = makeToken();
    await storeToken(prisma, token, { name, role, expiresAt });
    const until = expiresAt ? ` until the end of ${values.expires} (UTC)` : '';
    return `${token}\n\nThe token “${name}” works${until} as ${role}. It is shown this once: keep it safe.`;
  };
}

/** The moment after the last one of a day. */
function endOf(day: string): Date {
  try {
    return new Date(Date.parse(parseDay(day)) + DAY_MS);
  } catch (error) {
    if (error instanceof ReadoutError) throw new UsageError(`--expires: ${error.message}`, USAGE);
    throw error;
  }
}

async function list(prisma: Prisma): Promise<string> {
  const tokens = await listTokens(prisma);
  if (tokens.length === 0) return 'There are no tokens.';
  const day = (moment: Date): string => moment.toISOString().slice(0, 10);
  const lastDay = ({ expiresAt }: Token): string =>
    expiresAt ? day(new Date(expiresAt.getTime() - 1)) : 'never';
  const stateOf = (token: Token): string =>
    token.revokedAt ? 'revoked' : isValid(token) ? 'valid' : 'expired';
  const rows = [
    ['name', 'role', 'made', 'expires', 'state'],
    ...tokens.map((token) => [token.name, token.role, day(token.createdAt), lastDay(token), stateOf(token)]),
  ];
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...rows.map((row) => (row[i] as string).length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Runs the command on the record: beside its service, or with the database started for it alone. */
async function onRecord(config: Config, command: Command): Promise<string> {
  const running = config.databaseUrl === undefined ? await runningDatabaseUrl(config.dataDir) : null;
  const notice = (message: string): void => console.error(message);
  const store = running === null ? await prepareStore({ config: { ...config, seed: false }, notice }) : null;
  try {
    const url = store?.url ?? (running as string);
    const db = openDatabase({ url, poolMax: 2, statementTimeoutMs: config.statementTimeoutMs });
    try {
      return await command(db.prisma);
    } finally {
      await db.close();
    }
  } finally {
    await store?.stop();
  }
}

async function main(): Promise<number> {
  const command = parseCommand();
  try {
    console.log(command === 'help' ? USAGE : await onRecord(loadConfig(process.env).config, command));
    return 0;
  } catch (error) {
    if (!(error instanceof ReadoutError && REFUSALS.has(error.code))) throw error;
    console.error(error.message);
    return EXIT_REFUSED;
  }
}

runMain(main, EXIT_NOT_TRIED);
