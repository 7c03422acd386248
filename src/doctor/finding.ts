/** The result of one check of a machine, a database or a service. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'FAIL';
  /** What was checked, in a few words. */
  readonly name: string;
  /** What was found, without a full stop. */
  readonly result: string;
  /** What to do, in whole sentences; empty where everything is well. */
  readonly advice: string;
}

export function ok(name: string, result: string): Finding {
  return { level: 'ok', name, result, advice: '' };
}

/** Something that works and can be better. */
export function warn(name: string, result: string, advice: string): Finding {
  return { level: 'warn', name, result, advice };
}

/** Something that keeps the service from working as it should. */
export function fail(name: string, result: string, advice: string): Finding {
  return { level: 'FAIL', name, result, advice };
}

/** `FAIL clock: 40 s behind PostgreSQL. Set the clock of this machine, with NTP for example.` */
export function formatFinding({ level, name, result, advice }: Finding): string {
  const sentence = /[.?!]$/.test(result) ? result : `${result}.`;
  return `${level.padEnd(4)} ${name}: ${sentence}${advice === '' ? '' : ` ${advice}`}`;
}
