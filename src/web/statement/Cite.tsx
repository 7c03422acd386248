import { useState } from 'react';
import { type Cited, citeAsBibtex, citeAsCsl, citeAsText } from './citation.ts';

const FORMS = [
  { name: 'Plain text', cite: citeAsText },
  { name: 'BibTeX', cite: citeAsBibtex },
  { name: 'CSL-JSON', cite: citeAsCsl },
];

/** The statement as a reference, to be copied. */
export function Cite({ cited }: { readonly cited: Cited }) {
  return (
    <div className="cite">
      {FORMS.map(({ name, cite }) => (
        <Citation key={name} name={name} text={cite(cited)} />
      ))}
    </div>
  );
}

function Citation({ name, text }: { readonly name: string; readonly text: string }) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied('yes');
    } catch {
      setCopied('refused'); // the browser does not let the page: then the reader selects the text
    }
  };
  return (
    <section className="citation">
      <header>
        <h3>{name}</h3>
        <button type="button" onClick={() => void copy()} aria-label={`Copy as ${name}`}>
          {copied === 'yes' ? 'Copied' : 'Copy'}
        </button>
        <span role="status" className={copied === 'refused' ? 'aside' : 'unseen'}>
          {copied === 'yes' && `${name} is copied.`}
          {copied === 'refused' && 'The browser does not allow copying; select the text instead.'}
        </span>
      </header>
      <textarea
        readOnly
        rows={text.split('\n').length + 1}
        aria-label={name}
        value={text}
        spellCheck={false}
      />
    </section>
  );
}
