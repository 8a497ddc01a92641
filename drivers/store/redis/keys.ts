// Keys with a time to live, and counters, in Redis: one script each.
import { assertNames, assertTtl, assertValue, assertWhole, invalidState } from '../limits.ts';
import type { Keys, Store } from '../store.ts';
import { bytesArg } from './change-args.ts';
import { versionedOf } from './queries.ts';
import { listOf, maybe, numberReply, textReply } from './replies.ts';
import type { Run } from './run.ts';

/** In it there is nothing; on a cluster it is the server of this one that is asked for the time. */
const CLOCK_SCOPE = 'clock';

export function createRedisKeys(run: Run, nextVersion: () => string): Keys & Pick<Store, 'count'> {
  return {
    now: async () => numberReply(await run('now', CLOCK_SCOPE, [])),
    async get(scope, key) {
      assertNames(scope, key);
      const [entry] = listOf(await run('rows', scope, ['', key]));
      return maybe(entry, versionedOf);
    },
    async put(scope, key, value, { ttlMs, when }) {
      assertNames(scope, key);
      assertTtl(`The time to live of '${key}'`, ttlMs);
      assertValue(`The value of '${key}'`, value);
      const version = nextVersion();
      const condition = when === undefined ? ['always'] : when === 'absent' ? ['absent'] : ['version', when.version];
      const [kind = '', expected = ''] = condition;
      const reply = listOf(await run('put', scope, [kind, key, bytesArg(value), String(ttlMs), version, expected]));
      if (reply[0] === 1) return { written: true, version };
      return { written: false, entry: reply.length > 1 ? versionedOf(reply.slice(1)) : undefined };
    },
    async delete(scope, key, when) {
      assertNames(scope, key);
      return (await run('delete', scope, [key, when?.version ?? ''])) === 1;
    },
    async count(scope, name, by, ttlMs) {
      assertNames(scope, name);
      assertWhole(`The amount added to '${name}'`, by, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      assertTtl(`The time to live of '${name}'`, ttlMs);
      const [added, sum] = listOf(await run('count', scope, [name, String(by), String(ttlMs)]));
      if (added === 1) return numberReply(sum);
      throw invalidState(`Counter '${name}' would be ${textReply(sum)}, more than can be counted exactly.`);
    },
  };
}
