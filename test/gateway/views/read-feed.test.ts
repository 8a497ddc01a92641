// Feeds put together when they are read: the merged pages equal all entries in order, however
// they are spread over feeds.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { VIEW_ROWS, viewLayoutOf } from '../../../core/views/view-layout.ts';
import { mergeFeeds, readFeed } from '../../../gateway/views/read-feed.ts';

const entry = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), at: fc.integer({ min: 0, max: 5 }) });
const place = ({ id, at }: { id: string; at: number }) => `${String(at).padStart(3, '0')}${id}`;
const downwards = (a: string, b: string) => (a < b ? 1 : -1);

describe('a feed that is merged', () => {
  it('shows each entry once, newest first, page by page', () => {
    const feeds = fc.array(fc.uniqueArray(entry, { selector: place, maxLength: 12 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(feeds, fc.integer({ min: 1, max: 5 }), (all, limit) => {
        const places = all.map(feed => feed.map(place).sort(downwards));
        const page = (feed: readonly string[], after: string | undefined) => {
          const rest = after === undefined ? feed : feed.filter(each => each < after);
          const entries = rest.slice(0, limit).map(position => {
            return { id: position.slice(3), at: Number(position.slice(0, 3)), value: new Uint8Array(0), position };
          });
          return { entries, next: rest.length > limit ? entries.at(-1)?.position : undefined };
        };
        const met: string[] = [];
        for (let after: string | undefined; ; ) {
          const { entries, next } = mergeFeeds(
            places.map(feed => page(feed, after)),
            limit,
          );
          assert.ok(entries.length <= limit);
          assert.ok(next === undefined || entries.length > 0, 'a page that goes on has something');
          met.push(...entries.map(({ position }) => position));
          if (next === undefined) break;
          after = next;
        }
        assert.deepEqual(met, [...new Set(places.flat())].sort(downwards));
      }),
    );
  });
});

describe('the feed of an owner who follows very many', () => {
  const layout = viewLayoutOf('shop', 'follows', '000000000001');
  const followedIn = { layout, byFollower: 'follower', followed: 'followed' };
  /** The same number of authors in each partition. */
  const store = (authors: number) => ({
    async scan(scope: string, table: string, { limit, after }: { limit: number; after?: string | undefined }) {
      assert.equal(table, VIEW_ROWS);
      const begin = Number(after ?? 0);
      const end = Math.min(begin + limit, authors / layout.partitions);
      const rows = Array.from({ length: end - begin }, (_, at) => {
        const value = new TextEncoder().encode(JSON.stringify({ followed: `${scope} ${begin + at}` }));
        return { key: `${begin + at}`, value, version: '1', position: `${begin + at}` };
      });
      return { rows, next: end < authors / layout.partitions ? String(end) : undefined };
    },
    rows: async () => [],
    feed: async () => ({ entries: [], next: undefined }),
  });
  const read = (authors: number) =>
    readFeed(store(authors), layout, followedIn, { owner: 'ada', limit: 10, after: undefined });

  it('is refused, and nothing is left out of it', async () => {
    assert.deepEqual(await read(10_000), { entries: [], next: undefined });
    await assert.rejects(read(10_008), { code: 'query-too-large', message: /"owner" follows more than 10000 authors/ });
  });
});
