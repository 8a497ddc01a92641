// Taking and settling timers in Redis.
import { assertName, assertTtl, assertWhole, MAX_PAGE, MAX_PAGE_BYTES } from '../limits.ts';
import type { Timers } from '../timers.ts';
import { bytesReply, listOf, maybe, numberReply, textReply } from './replies.ts';
import type { Run } from './run.ts';

export function createRedisTimers(run: Run, nextVersion: () => string): Timers {
  return {
    async takeDue(scope, { limit, leaseMs }) {
      assertName('The scope', scope);
      assertWhole('The limit', limit, 1, MAX_PAGE);
      assertTtl('The time of the lease', leaseMs);
      const args = [String(limit), String(leaseMs), nextVersion(), String(MAX_PAGE_BYTES)];
      const [next, taken] = listOf(await run('takeDue', scope, args));
      const timers = listOf(taken).map(timer => {
        const [name, payload, late, token] = listOf(timer);
        return {
          timer: textReply(name),
          payload: bytesReply(payload),
          lateMs: numberReply(late),
          token: textReply(token),
        };
      });
      return { timers, nextInMs: maybe(next, numberReply) };
    },
    async settle(scope, taken) {
      assertName('The scope', scope);
      assertWhole('The number of timers', taken.length, 0, MAX_PAGE);
      if (taken.length === 0) return [];
      const reply = listOf(
        await run(
          'settle',
          scope,
          taken.flatMap(({ timer, token }) => [timer, token]),
        ),
      );
      return reply.map(settled => settled === 1);
    },
  };
}
