/** What an operator can do about an error of PostgreSQL, by its SQLSTATE. */
const ADVICE: Readonly<Record<string, string>> = {
  '28P01': 'Check the user and the password in DATABASE_URL.',
  '28000':
    'Check the user in DATABASE_URL, and that pg_hba.conf of PostgreSQL accepts connections from this machine.',
  '3D000': 'Create the database with CREATE DATABASE, or correct its name in DATABASE_URL.',
  '53300':
    'All connections are in use. Raise max_connections of PostgreSQL, or lower POOL_MAX or WORKERS (see “npm run doctor”).',
  '25006':
    'The database can’t be written: use one that is not a standby, and whose default_transaction_read_only is off.',
  '42501':
    'The user lacks a right. Let it own the database and its tables (“npm run doctor” says which right is missing).',
};

/** The same by the message, for errors without an SQLSTATE. */
const ADVICE_BY_MESSAGE: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [
    /unsupported startup parameter/,
    'A pooler refuses the settings of the service. Connect directly, or let it ignore them (docs/operating.md, “A PostgreSQL of your own”).',
  ],
  [
    /does not support SSL/,
    'Turn ssl on in PostgreSQL, or remove sslmode from DATABASE_URL if the network between is yours alone.',
  ],
  [
    /certificate|altnames/,
    'The certificate of PostgreSQL is not accepted: name its authority in NODE_EXTRA_CA_CERTS, and the host of the certificate in DATABASE_URL.',
  ],
  [
    /connection timeout|timeout exceeded when trying to connect|timeout expired/,
    'PostgreSQL did not answer in time. Check that it runs, and that this machine is not overloaded: lower WORKERS if it is.',
  ],
  [/^SASL: /, 'Check the user and the password in DATABASE_URL.'],
];

/** What an operator can do about an error that prevents the use of a database, in a whole sentence. */
export function adviceFor(error: Error & { readonly code?: unknown }): string {
  return (
    ADVICE[String(error.code)] ??
    ADVICE_BY_MESSAGE.find(([pattern]) => pattern.test(error.message))?.[1] ??
    'Check DATABASE_URL, and that PostgreSQL runs and accepts connections from this machine.'
  );
}
