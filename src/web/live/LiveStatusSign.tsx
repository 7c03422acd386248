import { type LiveStatus, useLiveStatus } from '../connection/status.ts';
import { clockTime } from '../words/moment.ts';

const words = (status: LiveStatus): string => {
  switch (status.state) {
    case 'idle':
      return '';
    case 'connecting':
      return 'Connecting';
    case 'connected':
      return 'Live';
    case 'catchingUp':
      return 'Catching up';
    case 'offline':
      return `Offline since ${clockTime(status.since)}`;
    case 'refused':
      return 'Not live';
  }
};

/** Says in a word whether the view is up to date; its place is reserved, so that nothing moves. */
export function LiveStatusSign() {
  const status = useLiveStatus();
  return (
    <p
      className={`live-sign live-${status.state}`}
      role="status"
      title={status.state === 'refused' ? status.message : undefined}
    >
      {status.state !== 'idle' && <span className="live-dot" aria-hidden="true" />}
      {words(status)}
    </p>
  );
}
