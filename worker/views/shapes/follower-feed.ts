// A View as feeds of followers. A post of an author goes into the feed of each follower or, for
// authors with very many, into an outbox that readers add.
import { VIEW_AUTHORS, VIEW_FEED, VIEW_OUTBOX } from '../../../core/views/view-layout.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { murmur2 } from '../../../drivers/event-log/partitioner.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import type { Keyed } from '../../fold/rekey.ts';
import { compileRequiredKey, createEventReader } from './event-reader.ts';
import { compileEntry, type FeedSpec, type MadeEntry, toEntry } from './feed-entry.ts';
import { DELETE, isDelete } from './operation.ts';
import { timeToLiveOf } from './time-to-live.ts';
import type { ViewShape } from './view-shape.ts';

/** Most feeds that one event goes into, or is taken out of. */
export const MAX_WRITTEN = 100_000;

type Followers = NonNullable<FeedSpec['followers']>;

const INTO = 'tenfold-into';

export function compileFollowerFeed(
  spec: FeedSpec & { readonly followers: Followers },
  filter: string | undefined,
): ViewShape {
  const read = createEventReader(filter);
  const authorOf = compileRequiredKey('The author', spec.followers.author);
  const entryOf = compileEntry(spec);
  const most = Math.min(spec.followers.readAbove, MAX_WRITTEN);

  return {
    async project(record, sources) {
      const event = read(record);
      if (event === undefined) return [];
      const author = authorOf(event);
      const entry = entryOf(event, record);
      // It may have been written when its author had fewer followers, or more.
      const followers = await sources.followers(author, entry.isGone ? MAX_WRITTEN : most, record);
      const feeds = toFeeds(followers ?? [], entry);
      if (followers !== undefined && !entry.isGone) return feeds;
      return [toKeyed(author, entry, 0, true), ...feeds];
    },
    async toChanges(records, _scope, store) {
      return records.flatMap(record => toChanges(record, spec, store.now()));
    },
  };
}

function toChanges(record: LogRecord, { limit, ttl }: FeedSpec, now: number): Change[] {
  const owner = record.key ?? '';
  const isOutbox = record.headers[INTO] === VIEW_OUTBOX;
  const feed = isOutbox ? VIEW_OUTBOX : VIEW_FEED;
  const { id, at, shown } = toEntry(record.value);
  if (isDelete(record)) return [{ kind: 'unpush', feed, owner, id }];
  const push: Change = {
    kind: 'push',
    feed,
    owner,
    id,
    at,
    value: shown,
    limit,
    ttlMs: timeToLiveOf(record, ttl, now),
  };
  // It must live as long as any entry: an older entry that comes later does not shorten that.
  return isOutbox ? [push, { kind: 'put-row', table: VIEW_AUTHORS, key: owner, value: 'null', ttlMs: ttl }] : [push];
}

/**
 * Each follower has a place of its own, independent of other followers. After a crash in the
 * middle, the event may be projected again with other followers. No record is then taken for one
 * that was appended before.
 */
function toFeeds(followers: readonly string[], entry: MadeEntry): Keyed[] {
  const placed = followers.map(follower => ({ follower, place: murmur2(Buffer.from(follower)) & 0x7fffffff }));
  placed.sort((a, b) => a.place - b.place || (a.follower < b.follower ? -1 : 1));
  let last = 0;
  return placed.map(({ follower, place }) => {
    last = Math.max(place, last + 1);
    return toKeyed(follower, entry, last, false);
  });
}

function toKeyed(key: string, { bytes: value, isGone }: MadeEntry, place: number, isOutbox: boolean): Keyed {
  return { key, value, place, headers: { ...(isGone ? DELETE : {}), ...(isOutbox ? { [INTO]: VIEW_OUTBOX } : {}) } };
}
