// One thread of a database, seen from the serving thread: starts it, hands it frames,
// starts it again when it dies.
import { Worker } from 'node:worker_threads';
import { type Code, TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { DatabaseClient, MemoryBudget } from '../database.ts';
import type { FromThread, ThreadData, ToThread } from './messages.ts';
import { RequestQueue } from './request-queue.ts';

export interface ThreadLinkOptions {
  readonly world: World;
  readonly thread: URL;
  readonly data: ThreadData;
  readonly window: number;
  readonly maxFrameBytes: number;
  readonly timeoutMs: number;
  /** How the last frame ended; undefined: well. */
  answered(problem: string | undefined): void;
  /** The file could not be read for a single request, or what was read is damaged. */
  troubled(reason: string): void;
  /**
   * Outcomes that were unknown are decided now: the thread was replaced, or a late answer has come.
   */
  recovered(): void;
}

export interface ThreadLink {
  readonly modules: readonly string[];
  readonly queue: RequestQueue;
  close(): Promise<void>;
}

const RESTART_MS = 500;
/**
 * A thread keeps hardly anything: without this its young generation grows to 48 MB at full speed
 * (bench/events/dispatch-backlog.ts).
 */
const SMALL = { maxYoungGenerationSizeMb: 4 };

/** Rejects with the `TenfoldError` that the thread reports when it cannot open the file. */
export async function startThread(options: ThreadLinkOptions): Promise<ThreadLink> {
  const { world } = options;
  let worker: Worker;
  let closing = false;
  let ended: () => void = () => {};
  const queue = new RequestQueue({
    world,
    window: options.window,
    maxFrameBytes: options.maxFrameBytes,
    timeoutMs: options.timeoutMs,
    post(memory, length) {
      const message: ToThread = { type: 'frame', memory, length };
      worker.postMessage(message, [memory]);
    },
    answered: options.answered,
    troubled: options.troubled,
    recovered: options.recovered,
  });

  /** Resolves when it is ready. */
  const start = () =>
    new Promise<readonly string[]>((resolve, reject) => {
      let ready = false;
      let reason = 'it ended without a word';
      const started = new Worker(options.thread, { workerData: options.data, resourceLimits: SMALL });
      worker = started;
      started.on('message', (message: FromThread) => {
        if (message.type === 'reply') return queue.reply(message.memory, message.length);
        if (message.type === 'failed') return reject(new TenfoldError(message.code, message.message));
        ready = true;
        resolve(message.modules);
      });
      started.on('error', error => {
        reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      });
      started.on('exit', () => {
        if (closing) return ended();
        if (ready) died(reason);
        else
          reject(new TenfoldError('storage-unusable', `The thread for ${options.data.file} did not start: ${reason}`));
      });
    });

  const died = (reason: string) => {
    const why = `The thread for ${options.data.file} ended (${reason}); it is started again.`;
    options.answered(why);
    queue.break(why);
    const again = () => {
      if (closing) return ended();
      start().then(
        () => {
          queue.mend();
          options.answered(undefined);
          options.recovered();
        },
        () => world.after(RESTART_MS, again),
      );
    };
    world.after(RESTART_MS, again);
  };

  const modules = await start();
  return {
    modules,
    queue,
    async close() {
      await queue.idle();
      const end = new Promise<void>(resolve => {
        ended = resolve;
      });
      closing = true;
      queue.break(`${options.data.file} is closed.`);
      const message: ToThread = { type: 'close' };
      worker.postMessage(message);
      // A thread that hangs in the disk cannot be ended; it goes with the process.
      const timer = world.after(options.timeoutMs, () => ended());
      await end;
      timer.cancel();
    },
  };
}

/** A module's way to the threads. */
export function toClient(
  links: { readonly writer: ThreadLink; reader(long: boolean): Promise<ThreadLink> },
  budget: MemoryBudget,
  name: string,
  unavailable: Code,
): DatabaseClient {
  const module = links.writer.modules.indexOf(name);
  if (module < 0) throw new RangeError(`the thread knows no module ${name}`);
  return {
    budget,
    enqueue: request => links.writer.queue.add({ module, unavailable, request }),
    write(bytes, pack, unpack) {
      return new Promise((resolve, reject) => {
        budget.take(bytes);
        links.writer.queue.add({
          module,
          unavailable,
          request: {
            pack,
            done(reply) {
              budget.give(bytes);
              try {
                resolve(unpack(reply));
              } catch (error) {
                reject(error);
              }
            },
            failed(error) {
              budget.give(bytes);
              reject(error);
            },
          },
        });
      });
    },
    async read(pack, unpack, long = false) {
      const { queue } = await links.reader(long);
      return new Promise((resolve, reject) => {
        const done = (reply: Parameters<typeof unpack>[0]) => {
          try {
            resolve(unpack(reply));
          } catch (error) {
            reject(error);
          }
        };
        queue.add({ module, unavailable, request: { pack, done, failed: reject } });
      });
    },
  };
}
