import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { readLines } from '../../import/read/lines.ts';
import type { ImportReport, Refusal } from '../../import/report.ts';
import { CommandError } from '../command.ts';

/** What the service tells while it imports. */
interface Listener {
  readonly progress: (handled: number) => void;
  readonly refusal: (refusal: Refusal) => void;
}

/** The service refused the import, or broke it off; `isRetryable` where the same import can succeed shortly. */
export class NotImported extends CommandError {
  constructor(
    message: string,
    readonly isRetryable: boolean,
  ) {
    super(message);
  }
}

/** Codes of refusals after which the same import can succeed. */
const RETRYABLE: ReadonlySet<string> = new Set(['UNAVAILABLE']);

type Answer = {
  readonly progress?: { readonly handled: number };
  readonly refusal?: Refusal;
  readonly report?: ImportReport;
  readonly error?: { readonly code: string; readonly message: string };
};

async function* bytesOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const bytes of response) yield bytes as Uint8Array;
}

/** The message of an answer that does not come from an import. */
async function refusalOf(response: IncomingMessage): Promise<NotImported> {
  let text = '';
  for await (const bytes of bytesOf(response)) text += Buffer.from(bytes).toString();
  let message = `The service answers ${response.statusCode}.`;
  let code = '';
  try {
    const { errors } = JSON.parse(text) as { errors?: { message: string; extensions?: { code?: string } }[] };
    message = errors?.[0]?.message ?? message;
    code = errors?.[0]?.extensions?.code ?? '';
  } catch {
    // not an answer of the service
  }
  return new NotImported(message, RETRYABLE.has(code) || response.statusCode === 429);
}

async function hear(response: IncomingMessage, listener: Listener): Promise<ImportReport> {
  if (response.statusCode !== 200) throw await refusalOf(response);
  let report: ImportReport | undefined;
  for await (const { text } of readLines(bytesOf(response))) {
    if (!text?.trim()) continue;
    const answer = JSON.parse(text) as Answer;
    if (answer.progress) listener.progress(answer.progress.handled);
    if (answer.refusal) listener.refusal(answer.refusal);
    if (answer.report) report = answer.report;
    if (answer.error) throw new NotImported(answer.error.message, RETRYABLE.has(answer.error.code));
  }
  if (!report) throw new NotImported('The service broke off the import without a report.', true);
  return report;
}

async function write(request: ClientRequest, lines: AsyncIterable<string>): Promise<void> {
  const closed = new AbortController();
  request.once('close', () => closed.abort());
  for await (const line of lines) {
    if (request.destroyed) return;
    if (!request.write(line)) await once(request, 'drain', { signal: closed.signal }).catch(() => undefined); // closed, or about to be
  }
  request.end();
}

/**
 * Sends lines of Readout JSONL to the service, at its pace.
 * @throws NotImported
 */
export async function send(
  address: URL,
  token: string | undefined,
  lines: AsyncIterable<string>,
  listener: Listener,
): Promise<ImportReport> {
  const request = (address.protocol === 'https:' ? httpsRequest : httpRequest)(address, {
    method: 'POST',
    headers: {
      accept: 'application/x-ndjson',
      'content-type': 'application/x-ndjson',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  });
  /** Why a file can't be read. It can't be read the next time, either. */
  let unreadable: Error | undefined;
  const broken = (error: Error): never => {
    if (unreadable) throw new NotImported(unreadable.message, false);
    throw new NotImported(
      `The connection to ${address.origin} failed: ${error.message || (error as NodeJS.ErrnoException).code}.`,
      true,
    );
  };
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  request.on('error', () => undefined); // also after the answer has begun
  const writing = write(request, lines);
  writing.catch((error: Error) => {
    unreadable = error;
    request.destroy(error);
  });
  try {
    return await hear(await answered.catch(broken), listener).catch((error: Error) =>
      error instanceof NotImported ? Promise.reject(error) : broken(error),
    );
  } finally {
    request.destroy();
  }
}
