import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { navigate, refine } from './location.ts';

type Props = AnchorHTMLAttributes<HTMLAnchorElement> & {
  readonly href: string;
  /** Whether it only changes the address of the view that the reader stays on. */
  readonly refines?: boolean;
};

/** A real link that stays on the page: opening it in a new tab, copying it and the like work as ever. */
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
