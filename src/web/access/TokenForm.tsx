import { useId } from 'react';
import { Heading } from '../router/Heading.tsx';
import { keptToken, readWith } from './token.ts';

/** Asks for a token, where the record is not public or the token is no longer valid. */
export function TokenForm({ reason }: { readonly reason: string }) {
  const id = useId();
  const isRefused = keptToken() !== null;
  const take = (data: FormData): void => readWith(String(data.get('token')).trim());
  return (
    <div className="notice token-form">
      <Heading title="A token is needed">
        {isRefused ? 'This token is not accepted' : 'Reading this record needs a token'}
      </Heading>
      <p>{isRefused ? reason : 'The operator of the record gives tokens to its readers.'}</p>
      <form action={take}>
        <label htmlFor={id}>Token</label>
        <input
          id={id}
          name="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          pattern="\s*[!-~]+\s*"
          title="The token alone, without spaces"
        />
        <button type="submit">Read</button>
        {isRefused && (
          <button type="button" onClick={() => readWith(null)}>
            Continue without a token
          </button>
        )}
      </form>
      <p className="aside">It is sent only to this service, and kept until you close this tab.</p>
    </div>
  );
}
