// The store's part in the database: its tables, and what answers its requests beside SQLite.
import type { ByteReader, ByteWriter } from '../../sqlite/bytes.ts';
import type { SqliteModule } from '../../sqlite/module.ts';
import { unpackChange } from './change-wire.ts';
import { createWriteContext } from './context.ts';
import { examineStore } from './examine-store.ts';
import { openWriters, type Writers } from './folds.ts';
import type { KeyCondition } from './keys.ts';
import { openStoreReader } from './reader.ts';
import { storeMigrations, storeSmallTables } from './schema.ts';
import { packMaybe, packStoreEntry, STORE_WRITE, unpackMaybe } from './wire.ts';

export const storeModule: SqliteModule = {
  name: 'store',
  migrations: storeMigrations,
  smallTables: storeSmallTables,
  openWriter({ db }) {
    const context = createWriteContext(db);
    const writers = openWriters(context);
    return {
      write(request, reply) {
        const operation = request.u8();
        context.begin(request.f64());
        write(writers, operation, request, reply);
      },
      rolledBack: context.rolledBack,
    };
  },
  openReader: ({ db }) => openStoreReader(db),
  doctor: { examine: examineStore },
};

function write(writers: Writers, operation: number, request: ByteReader, reply: ByteWriter): void {
  switch (operation) {
    case STORE_WRITE.put: {
      const when = unpackCondition(request);
      const scope = request.text();
      const outcome = writers.keys.put(scope, request.text(), request.sized(), request.f64(), when);
      reply.u8(outcome.written ? 1 : 0);
      if (outcome.written) reply.text(outcome.version);
      else packStoreEntry(reply, outcome.entry);
      return;
    }
    case STORE_WRITE.delete:
      reply.u8(writers.keys.delete(request.text(), request.text(), request.textOrNull() ?? undefined) ? 1 : 0);
      return;
    case STORE_WRITE.count:
      reply.f64(writers.counters.add(request.text(), request.text(), request.f64(), request.f64()));
      return;
    case STORE_WRITE.apply: {
      const scope = request.text();
      const fence =
        request.u8() === 0
          ? undefined
          : { consumer: request.text(), partition: request.f64(), after: unpackMaybe(request), upTo: request.f64() };
      const outcome = writers.apply(scope, unpackChanges(request), fence);
      reply.u8(outcome.applied ? 1 : 0);
      if (!outcome.applied) packMaybe(reply, outcome.position);
      return;
    }
    case STORE_WRITE.takeDue: {
      const { timers, nextInMs } = writers.timers.takeDue(request.text(), request.u32(), request.f64());
      packMaybe(reply, nextInMs);
      reply.u32(timers.length);
      for (const { timer, payload, lateMs, token } of timers) {
        reply.text(timer);
        reply.sized(payload);
        reply.f64(lateMs);
        reply.text(token);
      }
      return;
    }
    case STORE_WRITE.settle: {
      const scope = request.text();
      for (let count = request.u32(); count > 0; count--)
        reply.u8(writers.timers.settle(scope, request.text(), request.text()) ? 1 : 0);
      return;
    }
    case STORE_WRITE.drop:
      reply.u8(writers.drop(request.text(), request.u32()) ? 1 : 0);
      return;
    case STORE_WRITE.sweep:
      reply.u8(writers.sweep(request.u32()) ? 1 : 0);
      return;
    default:
      throw new RangeError(`no operation ${operation}`);
  }
}

function* unpackChanges(request: ByteReader) {
  for (let count = request.u32(); count > 0; count--) yield unpackChange(request);
}

function unpackCondition(request: ByteReader): KeyCondition {
  const kind = request.u8();
  if (kind === 0) return 'always';
  return kind === 1 ? 'absent' : { version: request.text() };
}
