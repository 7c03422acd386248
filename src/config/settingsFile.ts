import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import leven from 'leven';

/** The file with settings in the working directory, which is read if it is there. */
const SETTINGS_FILE_DEFAULT = 'readout.env';
/** Names of variables that are as long as this can have two wrong letters, shorter ones one. */
const LONG_NAME_LENGTH = 8;
/** Shorter names of settings are too similar to other variables of the environment to be suggested. */
const DISTINCT_NAME_LENGTH = 5;

/** The settings as text, before they are checked. */
export interface GivenSettings {
  readonly values: Readonly<Record<string, string>>;
  /** The path of the file that each value of a file comes from, by the name of its setting. */
  readonly files: Readonly<Record<string, string>>;
  /** What is wrong with the file, one line a fault. */
  readonly faults: readonly string[];
  /** Variables of the environment that look like misspelt settings. */
  readonly notices: readonly string[];
}

/**
 * Reads the settings from the environment and from a file with a line `NAME=value` for each: the one that READOUT_SETTINGS names, or
 * `readout.env` if it is there. The environment has precedence. An empty value counts as not set.
 * @param known the names of all settings.
 * @param others variables of the environment that are neither settings nor misspelt ones.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
  others: readonly string[],
): GivenSettings {
  const path = environment.READOUT_SETTINGS?.trim();
  const file = readSettingsFile(path || SETTINGS_FILE_DEFAULT, path === undefined || path === '');
  const faults = file === null ? [] : faultsOf(file, known);
  const inFile = withoutBlank(file === null ? {} : parseEnv(file.text));
  const values = withoutBlank(environment);
  return {
    values: { ...inFile, ...values },
    files: Object.fromEntries(
      Object.keys(inFile)
        .filter((name) => values[name] === undefined)
        .map((name) => [name, file?.path ?? '']),
    ),
    faults: file?.fault === undefined ? faults : [file.fault],
    notices: noticesOf(values, known, others),
  };
}

interface SettingsFile {
  readonly path: string;
  readonly text: string;
  readonly fault?: string;
}

function readSettingsFile(path: string, isOptional: boolean): SettingsFile | null {
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && isOptional) return null;
    return { path, text: '', fault: `${path} can't be read: ${message}. READOUT_SETTINGS names it.` };
  }
}

/** Names every line that is not a setting: the parser of Node.js passes over lines that it does not understand. */
function faultsOf({ path, text }: SettingsFile, known: readonly string[]): string[] {
  const seen = new Set<string>();
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const at = `${path}:${index + 1}:`;
    const [, name] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/.exec(line) ?? [];
    if (name === undefined)
      return [`${at} a line must be NAME=value, empty, or a comment that begins with #.`];
    if (name === 'READOUT_SETTINGS')
      return [`${at} READOUT_SETTINGS names this file. Set it in the environment.`];
    if (!known.includes(name)) return [`${at} ${notASetting(name, nearest(name, known))}`];
    if (seen.has(name)) return [`${at} ${name} is set twice. Remove one of the lines.`];
    seen.add(name);
    return [];
  });
}

/** Other programs have variables too, so only names that look like a misspelt setting are reported. */
function noticesOf(
  values: Readonly<Record<string, string>>,
  known: readonly string[],
  others: readonly string[],
): string[] {
  const distinct = known.filter(({ length }) => length >= DISTINCT_NAME_LENGTH);
  return Object.keys(values).flatMap((name) => {
    const near = known.includes(name) || others.includes(name) ? undefined : nearest(name, distinct);
    return near === undefined ? [] : [notASetting(name, near)];
  });
}

function notASetting(name: string, near: string | undefined): string {
  const advice = near === undefined ? 'README.md lists the settings.' : `Did you mean ${near}?`;
  return `${name} is not a setting. ${advice}`;
}

/** The setting that a misspelt name probably means. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const wrongMax = name.length < LONG_NAME_LENGTH ? 1 : 2;
  const distances = known.map((setting) => ({ setting, distance: leven(name.toUpperCase(), setting) }));
  return distances.sort((a, b) => a.distance - b.distance).find(({ distance }) => distance <= wrongMax)
    ?.setting;
}

function withoutBlank(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => (entry[1] ?? '').trim() !== ''),
  );
}
