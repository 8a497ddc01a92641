// Reading feeds: how a question is packed and its answer taken apart.
import { toFeedCursor } from '../../feed-cursor.ts';
import type { Feeds } from '../../feeds.ts';
import { assertName, assertPage } from '../../limits.ts';
import { STORE_READ, unpackBytes, unpackItems } from '../wire.ts';
import type { Calls } from './calls.ts';

export function createSqliteFeeds(read: Calls['read']): Feeds {
  return {
    async feed(scope, feed, owner, { limit, after }) {
      for (const name of [scope, feed, owner]) assertName('A name', name);
      assertPage(limit);
      return await read(
        STORE_READ.feed,
        out => {
          out.text(scope);
          out.text(feed);
          out.text(owner);
          out.text(after ?? null);
          out.u32(limit);
        },
        reply => {
          const next = reply.textOrNull() ?? undefined;
          return {
            next,
            entries: unpackItems(reply, () => {
              const [id, at] = [reply.text(), reply.f64()];
              return { id, at, value: unpackBytes(reply), position: toFeedCursor({ at, id }) };
            }),
          };
        },
      );
    },
  };
}
