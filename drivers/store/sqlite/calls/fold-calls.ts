// State that is folded from a log: how each request is packed and its answer taken apart.
import type { ByteWriter } from '../../../sqlite/bytes.ts';
import { assertChanges, assertFence } from '../../assert-change.ts';
import { assertName, assertNames, assertPage, assertWhole } from '../../limits.ts';
import type { Folds } from '../../store.ts';
import { packChange } from '../change-wire.ts';
import { packMaybe, STORE_READ, STORE_WRITE, unpackItems, unpackMaybe } from '../wire.ts';
import type { Calls } from './calls.ts';

/** @param slice Rows that one request of `drop` removes at most. */
export function createSqliteFolds({ read, write }: Calls, slice: number): Folds {
  return {
    async position(scope, consumer, partition) {
      for (const name of [scope, consumer]) assertName('A name', name);
      assertWhole('The partition', partition, 0, Number.MAX_SAFE_INTEGER);
      return await read(
        STORE_READ.position,
        out => {
          out.text(scope);
          out.text(consumer);
          out.f64(partition);
        },
        unpackMaybe,
      );
    },
    async apply(scope, changes, fence) {
      assertNames(scope);
      if (fence) assertFence(fence);
      const bytes = assertChanges(changes);
      return await write(
        STORE_WRITE.apply,
        bytes + changes.length * 64,
        out => {
          out.text(scope);
          out.u8(fence ? 1 : 0);
          if (fence) {
            out.text(fence.consumer);
            out.f64(fence.partition);
            packMaybe(out, fence.after);
            out.f64(fence.upTo);
          }
          out.u32(changes.length);
          for (const change of changes) packChange(out, change);
        },
        reply =>
          reply.u8() === 1 ? { applied: true as const } : { applied: false as const, position: unpackMaybe(reply) },
      );
    },
    async drop(scope) {
      assertNames(scope);
      const pack = (out: ByteWriter) => {
        out.text(scope);
        out.u32(slice);
      };
      while (await write(STORE_WRITE.drop, scope.length, pack, reply => reply.u8() === 1));
    },
    async scopes(prefix, { limit, after = '' }) {
      assertPage(limit);
      return await read(
        STORE_READ.scopes,
        out => {
          out.text(prefix);
          out.text(after);
          out.u32(limit);
        },
        reply => unpackItems(reply, () => reply.text()),
      );
    },
    server: async () => 'own',
  };
}
