import { type DragEvent, useId, useState } from 'react';
import { checkSource, type SourceCheck, type Span } from './checkSource.ts';
import { SourceCheckResult } from './SourceCheckResult.tsx';
import './check.css';

/** A text of this size has more than a thousand pages; checking it would only freeze the page. */
const FILE_BYTES_MAX = 20_000_000;

interface Props {
  readonly digest: string | null;
  readonly spans: readonly Span[];
}

type State =
  | { readonly is: 'empty' | 'busy' }
  | { readonly is: 'checked'; readonly name: string; readonly check: SourceCheck }
  | { readonly is: 'failed'; readonly message: string };

async function readFile(file: File, { digest, spans }: Props): Promise<State> {
  if (!globalThis.crypto?.subtle) {
    return {
      is: 'failed',
      message: 'The browser computes digests only on secure pages: https, or localhost.',
    };
  }
  if (file.size > FILE_BYTES_MAX)
    return { is: 'failed', message: `${file.name} is too large to be a source’s text.` };
  try {
    return {
      is: 'checked',
      name: file.name,
      check: await checkSource(await file.arrayBuffer(), digest, spans),
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return {
      is: 'failed',
      message: `${file.name} is not text in UTF-8. Save the article as plain text, and try again.`,
    };
  }
}

/** Takes the source's text from the reader and shows in it, in this browser only, where the statement is written. */
export function SourceFile({ digest, spans }: Props) {
  const id = useId();
  const [state, setState] = useState<State>({ is: 'empty' });
  const [isOver, setOver] = useState(false);
  const take = (file: File | undefined): void => {
    if (!file) return;
    setState({ is: 'busy' });
    readFile(file, { digest, spans }).then(setState, (error: Error) =>
      setState({ is: 'failed', message: `${file.name} can’t be read: ${error.message}` }),
    );
  };
  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <div className="source-file">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the field inside does the same by keyboard */}
      <div
        className={`drop ${isOver ? 'is-over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <label htmlFor={id}>
          <b>Check it yourself.</b> Drop the source’s text file here, or choose it.
        </label>
        <input
          id={id}
          type="file"
          accept=".txt,.md,text/plain"
          onChange={(event) => take(event.target.files?.[0])}
        />
        <p className="aside">It stays in this browser: nothing is sent anywhere.</p>
      </div>
      <div role="status">
        {state.is === 'busy' && <p>Checking …</p>}
        {state.is === 'failed' && <p className="check-bad">{state.message}</p>}
        {state.is === 'checked' && <SourceCheckResult name={state.name} check={state.check} />}
      </div>
    </div>
  );
}
