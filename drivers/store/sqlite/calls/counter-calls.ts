// Counters: how each request is packed and its answer taken apart.
import { assertName, assertNames, assertTtl, assertWhole } from '../../limits.ts';
import type { Counters } from '../../store.ts';
import { STORE_READ, STORE_WRITE } from '../wire.ts';
import type { Calls } from './calls.ts';

export function createSqliteCounters({ read, write }: Calls): Counters {
  return {
    async counter(scope, name) {
      for (const each of [scope, name]) assertName('A name', each);
      return await read(
        STORE_READ.counter,
        out => {
          out.text(scope);
          out.text(name);
        },
        reply => reply.f64(),
      );
    },
    async count(scope, name, by, ttlMs) {
      assertNames(scope, name);
      assertWhole(`The amount added to '${name}'`, by, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      assertTtl(`The time to live of '${name}'`, ttlMs);
      return await write(
        STORE_WRITE.count,
        scope.length + name.length,
        out => {
          out.text(scope);
          out.text(name);
          out.f64(by);
          out.f64(ttlMs);
        },
        reply => reply.f64(),
      );
    },
  };
}
