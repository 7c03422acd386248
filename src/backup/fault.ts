import { ReadoutError } from '../base/errors.ts';

/** The error for a file that can't be restored. @param why continues the sentence “The backup can't be restored: …” */
export function invalidBackup(why: string, cause?: unknown): ReadoutError {
  return new ReadoutError('INVALID_INPUT', `The backup can't be restored: ${why}.`, undefined, undefined, {
    cause,
  });
}

/** Says what is wrong with a compressed file that could not be read to its end. Other errors stay as they are. */
export function archiveFault(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return invalidBackup('it ends too early, so it is not complete', error);
  if (code === 'Z_DATA_ERROR') return invalidBackup('it is damaged, or it is not a backup of Readout', error);
  return error;
}
