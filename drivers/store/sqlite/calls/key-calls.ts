// Keys with a time to live: how each request is packed and its answer taken apart.
import { assertNames, assertTtl, assertValue } from '../../limits.ts';
import type { Keys } from '../../store.ts';
import { packBytes, packTexts, STORE_READ, STORE_WRITE, unpackStoreEntry } from '../wire.ts';
import type { Calls } from './calls.ts';

export function createSqliteKeys({ read, write }: Calls): Omit<Keys, 'now'> {
  return {
    async get(scope, key) {
      assertNames(scope, key);
      return await read(STORE_READ.get, out => packTexts(out, scope, key), unpackStoreEntry);
    },
    async put(scope, key, value, { ttlMs, when }) {
      assertNames(scope, key);
      assertTtl(`The time to live of '${key}'`, ttlMs);
      const bytes = assertValue(`The value of '${key}'`, value);
      return await write(
        STORE_WRITE.put,
        bytes + scope.length + key.length,
        out => {
          out.u8(when === undefined ? 0 : when === 'absent' ? 1 : 2);
          if (typeof when === 'object') out.text(when.version);
          out.text(scope);
          out.text(key);
          packBytes(out, value);
          out.f64(ttlMs);
        },
        reply =>
          reply.u8() === 1
            ? { written: true as const, version: reply.text() }
            : { written: false as const, entry: unpackStoreEntry(reply) },
      );
    },
    async delete(scope, key, when) {
      assertNames(scope, key);
      return await write(
        STORE_WRITE.delete,
        scope.length + key.length,
        out => {
          out.text(scope);
          out.text(key);
          out.text(when?.version ?? null);
        },
        reply => reply.u8() === 1,
      );
    },
  };
}
