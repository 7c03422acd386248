import { useEffect, useEffectEvent, useRef } from 'react';

interface Props {
  readonly busy: boolean;
  readonly more: () => void;
}

/** Loads more when it comes near the screen, and when it is pressed. */
export function MoreButton({ busy, more }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const reached = useEffectEvent(() => {
    if (!busy) more();
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: observed again after each page, because it may still be in sight
  useEffect(() => {
    if (!button.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && reached(), {
      rootMargin: '600px',
    });
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [busy]);
  return (
    <p className="more">
      <button ref={button} type="button" onClick={more} aria-disabled={busy}>
        {busy ? 'Loading …' : 'Show more'}
      </button>
    </p>
  );
}
