// Runs in a worker thread: opens the database in the role it was given, and answers frames
// until it is told to close.
import { constants, getPriority, platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { runCopier } from '../backup/copier.ts';
import { ByteReader, type ByteWriter } from '../bytes.ts';
import { openAcknowledged } from '../integrity/acknowledged.ts';
import type { SqliteModule } from '../module.ts';
import { openFile, openReadOnly } from '../open-file.ts';
import { toOpenError } from '../sqlite-error.ts';
import type { CopyData, FromThread, ThreadData, ToThread } from './messages.ts';
import { serveFrame } from './serve-frame.ts';
import { createWriter } from './writer.ts';

interface Role {
  answer(frame: Uint8Array): ByteWriter;
  /** After the reply has gone out. */
  afterwards(): void;
  close(): void;
}

/**
 * The size of SQLite's page cache: chunks of a log are read once, a search comes back to the same
 * pages. The system's own cache is behind both.
 */
const CACHE_KIB = { reader: 1024, searcher: 8192 };

export function runThread(modules: readonly SqliteModule[]): void {
  const data: ThreadData | CopyData = workerData;
  if (!parentPort) throw new Error('this file is the entry of a worker thread');
  const port = parentPort;
  if (data.role === 'copier') {
    yieldToOthers();
    void runCopier(data, modules, port);
    return;
  }
  const { role, file } = data;
  const send = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  let running: Role;
  try {
    running = role === 'writer' ? startWriter(file, modules) : startReader(file, role, modules);
  } catch (error) {
    const { code, message } = toOpenError(error, file);
    send({ type: 'failed', code, message });
    port.close();
    return;
  }
  port.on('message', (message: ToThread) => {
    if (message.type === 'close') {
      running.close();
      port.close();
      return;
    }
    const reply = running.answer(new Uint8Array(message.memory, 0, message.length));
    const { memory, length } = reply;
    send({ type: 'reply', memory, length }, [memory]);
    running.afterwards();
  });
  send({ type: 'ready', modules: modules.map(({ name }) => name) });
}

function startWriter(file: string, modules: readonly SqliteModule[]): Role {
  const { db, close } = openFile(file, modules);
  const acknowledged = openAcknowledged(file);
  const writers = modules.map(module => module.openWriter({ db, file }));
  const writer = createWriter(db, file, writers, acknowledged);
  return {
    answer: writer.commit,
    afterwards: writer.checkpointIfDue,
    close() {
      close();
      acknowledged.close();
    },
  };
}

function startReader(file: string, role: 'reader' | 'searcher', modules: readonly SqliteModule[]): Role {
  const db = openReadOnly(file, CACHE_KIB[role]);
  const readers = modules.map(module => module.openReader({ db, file }));
  const handle = (module: number, request: ByteReader, reply: ByteWriter) => {
    const reader = readers[module];
    if (!reader) throw new RangeError(`no module ${module}`);
    // One snapshot for everything that a request reads.
    db.exec('BEGIN');
    try {
      reader.read(request, reply);
    } finally {
      if (db.isTransaction) db.exec('COMMIT');
    }
  };
  return {
    answer: frame => serveFrame(new ByteReader(frame), handle, file, () => false),
    afterwards() {},
    close: () => db.close(),
  };
}

/**
 * SQLite checks the structure of a table at a stretch: whoever serves goes first, also in a process
 * that others go before. Elsewhere than on Linux that would hold for the whole process.
 */
function yieldToOthers(): void {
  if (platform() !== 'linux') return;
  try {
    setPriority(
      0,
      Math.min(getPriority(0) + constants.priority.PRIORITY_BELOW_NORMAL, constants.priority.PRIORITY_LOW),
    );
  } catch {
    // A sandbox that forbids it is no reason to make no back-up.
  }
}
