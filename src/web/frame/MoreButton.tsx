import { useEffect, useEffectEvent, useRef } from 'react';

interface Props {
  readonly busy: boolean;
  readonly more: () => void;
  /** Whether it also loads more when it comes near the screen; true if left out. */
  readonly isAutomatic?: boolean;
}

/** Loads more of a list when it is pressed, or when it comes near the screen. */
export function MoreButton({ busy, more, isAutomatic = true }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const reached = useEffectEvent(() => {
    if (!busy) more();
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: observed again after each page, because it may still be in sight
  useEffect(() => {
    if (!button.current || !isAutomatic) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && reached(), {
      rootMargin: '600px',
    });
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [busy, isAutomatic]);
  return (
    <p className="more">
      <button ref={button} type="button" onClick={more} aria-disabled={busy}>
        {busy ? 'Loading …' : 'Show more'}
      </button>
    </p>
  );
}
