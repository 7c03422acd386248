import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { navigate, refine } from './location.ts';

type Props = AnchorHTMLAttributes<HTMLAnchorElement> & {
  readonly href: string;
  /** Whether the link changes the address but not the view. */
  readonly refines?: boolean;
};

/** A link that changes the view without loading the page. Opening it in a new tab and copying it work as usual. */
export function Link({ href, children, onClick, refines = false, ...rest }: Props) {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    const elsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (event.defaultPrevented || elsewhere) return;
    event.preventDefault();
    if (refines) refine(href);
    else navigate(href);
  };
  return (
    <a href={href} onClick={follow} {...rest}>
      {children}
    </a>
  );
}
