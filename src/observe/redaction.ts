/** Takes the place of a secret. */
const HIDDEN = '…';
/** A shorter secret is also an ordinary word: to hide it everywhere would spoil the log. */
const SECRET_LENGTH_MIN = 8;

/** Forms of secrets, each with what is left of it. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  // What stands before the host of an address: `postgresql://user:password@host`.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"\\]+@/gi, `$1${HIDDEN}@`],
  [/\b(Bearer|Basic)\s+[^\s"\\”]+/gi, `$1 ${HIDDEN}`],
  // Tokens of the record, and JSON Web Tokens.
  [/\breadout_[\w-]{32,}/g, HIDDEN],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, HIDDEN],
];

/**
 * Makes a function that hides secrets in a line of the log: the given ones, and any text in the form of a token or of an address with a
 * password.
 */
export function redactor(secrets: readonly (string | undefined)[]): (line: string) => string {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= SECRET_LENGTH_MIN);
  return (line) => {
    let shown = line;
    for (const secret of known) shown = shown.replaceAll(secret as string, HIDDEN);
    for (const [form, rest] of FORMS) shown = shown.replace(form, rest);
    return shown;
  };
}

/** The password of a URL, as it stands there and as it is meant; none where the URL has none. */
export function passwordsOf(url: string | undefined): string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  return password === '' ? [] : [password, decodeURIComponent(password)];
}
