// Taking and settling timers: looks first, so that asking when nothing is due costs no commit.
import { assertName, assertTtl, assertWhole, MAX_PAGE } from '../../limits.ts';
import type { DueTimer, Timers } from '../../timers.ts';
import { STORE_READ, STORE_WRITE, unpackBytes, unpackMaybe } from '../wire.ts';
import type { Calls } from './calls.ts';

export function createSqliteTimers(read: Calls['read'], write: Calls['write'], now: () => number): Timers {
  return {
    async takeDue(scope, { limit, leaseMs }) {
      assertName('The scope', scope);
      assertWhole('The limit', limit, 1, MAX_PAGE);
      assertTtl('The time of the lease', leaseMs);
      const free = await read(STORE_READ.nextFree, out => out.text(scope), unpackMaybe);
      if (free === undefined) return { timers: [], nextInMs: undefined };
      const wait = free - now();
      if (wait > 0) return { timers: [], nextInMs: wait };
      return await write(
        STORE_WRITE.takeDue,
        scope.length,
        out => {
          out.text(scope);
          out.u32(limit);
          out.f64(leaseMs);
        },
        reply => {
          const nextInMs = unpackMaybe(reply);
          const timers: DueTimer[] = [];
          for (let count = reply.u32(); count > 0; count--)
            timers.push({ timer: reply.text(), payload: unpackBytes(reply), lateMs: reply.f64(), token: reply.text() });
          return { timers, nextInMs };
        },
      );
    },
    async settle(scope, taken) {
      assertName('The scope', scope);
      assertWhole('The number of timers', taken.length, 0, MAX_PAGE);
      if (taken.length === 0) return [];
      return await write(
        STORE_WRITE.settle,
        taken.length * 64,
        out => {
          out.text(scope);
          out.u32(taken.length);
          for (const { timer, token } of taken) {
            out.text(timer);
            out.text(token);
          }
        },
        reply => taken.map(() => reply.u8() === 1),
      );
    },
  };
}
