import { Component, type ReactNode } from 'react';
import { Failed } from './Failed.tsx';

interface Props {
  readonly children: ReactNode;
}

/** Shows a fault of the page itself in place of a view. */
export class FailureBoundary extends Component<Props, { error: Error | null }> {
  override state = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error) return <Failed error={error} retry={() => location.reload()} />;
    return this.props.children;
  }
}
