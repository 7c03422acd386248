import { type ReactNode, useEffect, useRef } from 'react';
import { lastArrival } from './location.ts';

/** The heading of a view. It names the tab, and takes the focus when the reader has followed a link. */
export function Heading({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title === 'Readout' ? title : `${title} · Readout`;
  }, [title]);
  useEffect(() => {
    if (lastArrival() === 'step') heading.current?.focus({ preventScroll: true });
    // The browser looked for the fragment of the address before the page had any content.
    if (lastArrival() !== 'back') document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
