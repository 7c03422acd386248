import { describe, expect, it } from 'vitest';
import { Channel } from '../../../src/log/hub/channel.ts';
import { Channels } from '../../../src/log/hub/channels.ts';
import type { Feed } from '../../../src/log/hub/delivery.ts';

type Named = Pick<Feed<null>, 'key' | 'marks' | 'missing'>;

const channels = new Channels<null>();
function add(feed: Named): Channel<null> {
  const channel = new Channel(feed as Feed<null>);
  channels.add(channel);
  return channel;
}
const keysOf = (found: Iterable<Channel<null>>): string[] => [...found].map(({ feed }) => feed.key).sort();
const added = (slug: string) => channels.missing(new Map([['actor', new Set([slug])]]));

const both = add({ key: 'both', marks: ['topic 7', 'topic 8'], missing: ['actor eve', 'actor adam'] });
add({ key: 'other kind', marks: ['topic 7'], missing: ['topic eve'] });
add({ key: 'every', marks: null, missing: null });

describe('the channels', () => {
  it('that a change can match are those with one of its marks, each once, and those without marks', () => {
    expect(keysOf(channels.candidates(['topic 8']))).toEqual(['both', 'every']);
    expect(keysOf(channels.candidates(['topic 7', 'topic 8']))).toEqual(['both', 'every', 'other kind']);
    expect(keysOf(channels.candidates([]))).toEqual(['every']);
  });

  it('that an added slug concerns are those that name it and those that name many unknown slugs', () => {
    expect(keysOf(added('eve'))).toEqual(['both', 'every']);
    expect(keysOf(added('cain'))).toEqual(['every']);
  });

  it('are found no more after they were deleted', () => {
    channels.delete(both);
    expect(keysOf(added('adam'))).toEqual(['every']);
    expect(keysOf(channels.candidates(['topic 7', 'topic 8']))).toEqual(['every', 'other kind']);
    expect(channels.get('both')).toBeUndefined();
  });
});
