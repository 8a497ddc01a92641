// The engine without its threads: the same code on the same file, in the thread of the test, which
// is faster where hundreds are opened.

import { ByteReader, ByteWriter } from '../../../drivers/sqlite/bytes.ts';
import type { Database, DatabaseClient, DatabaseRequest } from '../../../drivers/sqlite/database.ts';
import { openAcknowledged } from '../../../drivers/sqlite/integrity/acknowledged.ts';
import type { SqliteModule } from '../../../drivers/sqlite/module.ts';
import { openFile } from '../../../drivers/sqlite/open-file.ts';
import { createMemoryBudget } from '../../../drivers/sqlite/thread/budget.ts';
import { OK } from '../../../drivers/sqlite/thread/messages.ts';
import { readFailure, serveFrame } from '../../../drivers/sqlite/thread/serve-frame.ts';
import { createWriter } from '../../../drivers/sqlite/thread/writer.ts';

export function openInline(file: string, module: SqliteModule): Database {
  const { db, close } = openFile(file, [module]);
  const acknowledged = openAcknowledged(file);
  const writer = createWriter(db, file, [module.openWriter({ db, file })], acknowledged);
  const reader = module.openReader({ db, file });
  const ask = (answer: (frame: Uint8Array) => ByteWriter, request: DatabaseRequest) => {
    const frame = new ByteWriter();
    frame.u32(1);
    frame.u8(0);
    const body = new ByteWriter();
    request.pack(body);
    frame.sized(body.bytes);
    const reply = new ByteReader(answer(frame.bytes).bytes);
    if (reply.u8() !== OK || reply.u8() !== OK) return request.failed(readFailure(reply, 'log-unavailable'));
    request.done(new ByteReader(reply.sized()));
  };
  const read = (frame: Uint8Array) =>
    serveFrame(
      new ByteReader(frame),
      (_, request, reply) => reader.read(request, reply),
      file,
      () => false,
    );
  const promised = <T>(
    answer: (frame: Uint8Array) => ByteWriter,
    pack: DatabaseRequest['pack'],
    unpack: (reply: ByteReader) => T,
  ) => new Promise<T>((resolve, failed) => ask(answer, { pack, failed, done: reply => resolve(unpack(reply)) }));
  const client: DatabaseClient = {
    budget: createMemoryBudget(1 << 26),
    enqueue: request => queueMicrotask(() => ask(writer.commit, request)),
    write: (_, pack, unpack) => promised(writer.commit, pack, unpack),
    read: (pack, unpack) => promised(read, pack, unpack),
  };
  return {
    file,
    troubles: () => ({ count: 0, reason: '' }),
    noteTrouble() {},
    client: () => client,
    onRecovered() {},
    health: async () => ({ ok: true }),
    async close() {
      close();
      acknowledged.close();
    },
  };
}
