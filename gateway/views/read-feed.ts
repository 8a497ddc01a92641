// Reads the feed of an owner; where authors with very many followers are not written into each
// feed, what they wrote is added here.
import { TenfoldError } from '../../core/errors.ts';
import { VIEW_AUTHORS, VIEW_FEED, VIEW_OUTBOX, VIEW_ROWS, type ViewLayout } from '../../core/views/view-layout.ts';
import { partitionOf } from '../../drivers/event-log/partitioner.ts';
import type { FeedEntry, FeedPage, Feeds } from '../../drivers/store/feeds.ts';
import type { Tables } from '../../drivers/store/tables.ts';

/** The follow relation, as another View holds it. */
export interface FollowedBy {
  readonly namespace: string;
  readonly view: string;
  /** Index of its table by who follows. */
  readonly byFollower: string;
  /** Member of its rows that names whom is followed. */
  readonly followed: string;
}

export interface FollowedIn extends Pick<FollowedBy, 'byFollower' | 'followed'> {
  /** Layout of the generation that serves. */
  readonly layout: ViewLayout;
}

export interface FeedQuery {
  readonly owner: string;
  readonly limit: number;
  readonly after: string | undefined;
}

type FeedStore = Pick<Feeds, 'feed'> & Pick<Tables, 'rows' | 'scan'>;

/** Bound for one owner's authors. Without the rest of them the answer would lack entries. */
const MAX_FOLLOWED = 10_000;
const PAGE = 1_000;

export async function readFeed(
  store: FeedStore,
  layout: ViewLayout,
  followedIn: FollowedIn | undefined,
  { owner, limit, after }: FeedQuery,
): Promise<FeedPage> {
  const read = (feed: string, of: string) => {
    return store.feed(layout.scopeOf(partitionOf(of, layout.partitions)), feed, of, { limit, after });
  };
  if (followedIn === undefined) return read(VIEW_FEED, owner);
  const followed = await readFollowed(store, followedIn, owner);
  const authors = await withOutbox(store, layout, followed);
  const pages = [read(VIEW_FEED, owner), ...authors.map(author => read(VIEW_OUTBOX, author))];
  return mergeFeeds(await Promise.all(pages), limit);
}

/**
 * An entry may be in several: its author had fewer followers when it was written first, and more
 * when it was written again.
 */
export function mergeFeeds(pages: readonly FeedPage[], limit: number): FeedPage {
  const ends = pages.flatMap(({ entries, next }) => (next === undefined ? [] : (entries.at(-1) ?? [])));
  // Behind the first end of a page that goes on nothing is known.
  const [known] = ends.sort(newestFirst);
  const entries: FeedEntry[] = [];
  const sorted = pages.flatMap(page => page.entries).sort(newestFirst);
  let more = known !== undefined;
  for (const entry of sorted) {
    if (known !== undefined && newestFirst(entry, known) > 0) break;
    if (entries.at(-1)?.position === entry.position) continue;
    if (entries.length === limit) {
      more = true;
      break;
    }
    entries.push(entry);
  }
  return { entries, next: more ? entries.at(-1)?.position : undefined };
}

function newestFirst(a: FeedEntry, b: FeedEntry): number {
  return b.at - a.at || Buffer.compare(Buffer.from(b.id), Buffer.from(a.id));
}

async function readFollowed(store: FeedStore, followedIn: FollowedIn, owner: string): Promise<string[]> {
  const { layout, byFollower: index, followed } = followedIn;
  const found = new Set<string>();
  const readPartition = async (partition: number) => {
    for (let after: string | undefined; found.size <= MAX_FOLLOWED; ) {
      const page = await store.scan(layout.scopeOf(partition), VIEW_ROWS, {
        index,
        prefix: [owner],
        limit: PAGE,
        after,
      });
      for (const { value } of page.rows) {
        const author = textAt(JSON.parse(Buffer.from(value).toString()), followed);
        if (author !== undefined) found.add(author);
      }
      after = page.next;
      if (after === undefined) return;
    }
  };
  await Promise.all(Array.from({ length: layout.partitions }, (_, partition) => readPartition(partition)));
  if (found.size <= MAX_FOLLOWED) return [...found];
  const message = `"owner" follows more than ${MAX_FOLLOWED} authors. A feed that adds entries of authors with very many followers is read for at most so many.`;
  throw new TenfoldError('query-too-large', message);
}

/** Entries of the authors who have written more than goes into feeds. */
async function withOutbox(store: FeedStore, layout: ViewLayout, authors: readonly string[]): Promise<string[]> {
  const byPartition = Map.groupBy(authors, author => partitionOf(author, layout.partitions));
  const rows = [...byPartition].map(([partition, those]) => store.rows(layout.scopeOf(partition), VIEW_AUTHORS, those));
  return (await Promise.all(rows)).flat().flatMap(row => row?.key ?? []);
}

function textAt(row: unknown, path: string): string | undefined {
  let value = row;
  for (const member of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, member)) return undefined;
    value = Reflect.get(value, member);
  }
  return typeof value === 'string' && value !== '' ? value : undefined;
}
