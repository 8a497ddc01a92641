// Starts the threads of a database file and gives each module its way to them.
import { type Code, TenfoldError } from '../../core/errors.ts';
import type { World } from '../../core/world.ts';
import type { Database, DatabaseHealth, DiskTroubles } from './database.ts';
import { createMemoryBudget } from './thread/budget.ts';
import { PROBE, type ThreadData } from './thread/messages.ts';
import { startThread, type ThreadLink, type ThreadLinkOptions, toClient } from './thread/thread-link.ts';

export interface DatabaseOptions {
  readonly world: World;
  /** Path; its folder is made when missing. */
  readonly file: string;
  /**
   * The module that calls `runThread`: in the sources `thread-main.ts`, in the
   * package what it was bundled to.
   */
  readonly thread: URL;
  /** Memory that requests may hold while they wait to be written. Default 64 MiB. */
  readonly maxQueuedBytes?: number;
  /** Longest time for the disk to answer, milliseconds. Default 30 s. */
  readonly timeoutMs?: number;
}

const MAX_QUEUED_BYTES = 64 << 20;
const TIMEOUT_MS = 30_000;
/** Writes: one on disk, the next one ready in the thread. */
const WRITE_WINDOW = 2;
const READ_WINDOW = 4;
/** A commit is not larger than that by much, so that none takes long. */
const MAX_WRITE_FRAME = 4 << 20;
const MAX_READ_FRAME = 64 << 10;

/** Rejects with `storage-unusable` or `data-corrupt` and a message that says what to do. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { file, world, thread, timeoutMs = TIMEOUT_MS } = options;
  let problem: string | undefined;
  let troubles: DiskTroubles = { count: 0, reason: '' };
  const noteTrouble = (reason: string) => {
    troubles = { count: troubles.count + 1, reason };
  };
  const recoveries: (() => void)[] = [];
  const linkTo = (role: ThreadData['role'], more: Partial<ThreadLinkOptions>): Promise<ThreadLink> =>
    startThread({
      world,
      thread,
      timeoutMs,
      data: { role, file },
      window: READ_WINDOW,
      maxFrameBytes: MAX_READ_FRAME,
      answered(why) {
        if (why !== undefined) noteTrouble(why);
      },
      troubled: noteTrouble,
      recovered() {},
      ...more,
    });
  const writer = await linkTo('writer', {
    window: WRITE_WINDOW,
    maxFrameBytes: MAX_WRITE_FRAME,
    answered(why) {
      problem = why;
      if (why !== undefined) noteTrouble(why);
    },
    recovered() {
      for (const recovered of recoveries) recovered();
    },
  });
  const readers = new Map<boolean, Promise<ThreadLink>>();
  const budget = createMemoryBudget(options.maxQueuedBytes ?? MAX_QUEUED_BYTES);
  let closed: Promise<void> | undefined;

  /** Started when first needed. */
  const reader = (long: boolean) => {
    if (closed) throw new TenfoldError('shutting-down', `${file} is closed.`);
    const known = readers.get(long);
    if (known) return known;
    const started = linkTo(long ? 'searcher' : 'reader', {});
    readers.set(long, started);
    started.catch(() => readers.delete(long));
    return started;
  };
  const probe = () =>
    new Promise<void>(resolve => {
      const request = { pack() {}, done: () => resolve(), failed: () => resolve() };
      writer.queue.add({ module: PROBE, unavailable: 'storage-unusable', request });
    });
  const close = async () => {
    await Promise.allSettled([...readers.values()].map(async link => (await link).close()));
    await writer.close();
  };

  return {
    file,
    troubles: () => troubles,
    noteTrouble,
    client: (module: string, unavailable: Code) => toClient({ writer, reader }, budget, module, unavailable),
    onRecovered: run => recoveries.push(run),
    async health(): Promise<DatabaseHealth> {
      if (problem !== undefined && writer.queue.broken === undefined) await probe();
      const reason = writer.queue.broken ?? problem;
      return reason === undefined ? { ok: true } : { ok: false, reason };
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}
