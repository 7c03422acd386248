import { grouped } from '../base/progress.ts';
import { LIMIT_NAMES, LIMIT_SETTINGS } from '../config/limits.ts';
import { SETTINGS } from '../config/settings.ts';
import { INPUT_MAX } from '../domain/input/field.ts';
import { type Constant, limitValue } from './constants.ts';

/** The settings that are not limits, as a table in Markdown. */
export function renderSettings(): string {
  const rows = Object.entries(SETTINGS).map(([name, setting]) => {
    const value: unknown = setting.parse(undefined);
    const isEmpty = value === undefined || value === '';
    return [`\`${name}\``, isEmpty ? 'none' : `\`${value}\``, setting.description ?? ''];
  });
  return table(['setting', 'default', 'meaning'], rows);
}

/** The limits with a setting, as a table in Markdown. */
export function renderLimitSettings(): string {
  const rows = LIMIT_NAMES.map((name) => {
    const { default: value, unit, meaning, min, max } = LIMIT_SETTINGS[name];
    return [`\`${name}\``, `${grouped(value)} ${unit}`, `${grouped(min)} to ${grouped(max)}`, meaning];
  });
  return table(['Limit and setting', 'Default', 'Range', 'What it bounds'], rows);
}

/** The limits without a setting that a client can meet, as a table in Markdown. */
export async function renderFixedLimits(constants: readonly Constant[]): Promise<string> {
  const limits = constants.filter(({ unit }) => unit !== null);
  const rows = limits.map(async (limit) => [
    `\`${limit.name}\``,
    `${grouped(await limitValue(limit))} ${limit.unit}`,
    limit.description,
  ]);
  return table(['Limit', 'Value', 'What it bounds'], await Promise.all(rows));
}

/** The limits on the input of mutations, as a table in Markdown. */
export function renderInputLimits(): string {
  return table(
    ['Input', 'At most'],
    Object.entries(INPUT_MAX).map(([name, value]) => [`\`${name}\``, grouped(value)]),
  );
}

/** The constants that no client meets, as a table in Markdown for each folder. */
export function renderInternals(constants: readonly Constant[]): string {
  const internals = constants.filter(({ unit }) => unit === null);
  const folders = [...new Set(internals.map(folderOf))];
  return folders
    .map((folder) => {
      const rows = internals
        .filter((constant) => folderOf(constant) === folder)
        .map(({ name, expression, file, description }) => [
          `\`${name}\``,
          `\`${expression}\``,
          file.slice(file.lastIndexOf('/') + 1),
          description,
        ]);
      return `## ${folder}\n\n${table(['Constant', 'Value', 'File', 'Description'], rows)}`;
    })
    .join('\n\n');
}

function folderOf({ file }: Constant): string {
  return `src/${file.slice(0, Math.max(0, file.lastIndexOf('/')))}`.replace(/\/$/, '');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ').replaceAll(' | |', ' | – |')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
