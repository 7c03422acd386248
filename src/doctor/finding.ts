/** The result of one check of a machine, a database or a service. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'FAIL';
  /** What was checked, in a few words. */
  readonly name: string;
  /** What was found, without a full stop. */
  readonly words: string;
  /** What to do, in whole sentences; empty where everything is well. */
  readonly advice: string;
}

export function ok(name: string, words: string): Finding {
  return { level: 'ok', name, words, advice: '' };
}

/** Something that works and can be better. */
export function warn(name: string, words: string, advice: string): Finding {
  return { level: 'warn', name, words, advice };
}

/** Something that keeps the service from working as it should. */
export function fail(name: string, words: string, advice: string): Finding {
  return { level: 'FAIL', name, words, advice };
}

/** `FAIL clock: 40 s behind PostgreSQL. Set the clock of this machine, with NTP for example.` */
export function formatFinding({ level, name, words, advice }: Finding): string {
  const sentence = /[.?!]$/.test(words) ? words : `${words}.`;
  return `${level.padEnd(4)} ${name}: ${sentence}${advice === '' ? '' : ` ${advice}`}`;
}
