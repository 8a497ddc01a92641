// The connections of the service: as many pieces of work at a time as there are connections,
// some that wait, and no more.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Article } from '../article.ts';
import { createTables } from './schema.ts';

export interface Settings {
  readonly file: string;
  readonly connections: number;
  /** Pieces of work that may wait for a connection. */
  readonly waiting: number;
  /** Milliseconds from the service to its database and back, for each statement. */
  readonly roundTripMs: number;
  /** How long a piece of work is tried again while others hold the lock. */
  readonly patienceMs: number;
}

export type PoolTask =
  | { readonly kind: 'save'; readonly articles: readonly Article[] }
  | { readonly kind: 'article'; readonly id: string }
  | { readonly kind: 'page'; readonly after: string; readonly limit: number }
  | { readonly kind: 'count' };

export type Done = { readonly aborted: number } & (
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed'; readonly message: string }
);

/** The database is locked, or all connections are taken and too much is waiting. */
export class Busy extends Error {}

export interface Load {
  /** Work given to connections. */
  readonly running: number;
  readonly waiting: number;
  /** Tries that the lock made worthless, since the start. */
  readonly aborted: number;
  /**
   * Work that was not done because the lock was never to be had, or too much was
   * waiting, since the start.
   */
  readonly refused: number;
}

export interface Pool {
  /** Rejects with `Busy`, and with what is wrong with the data. */
  run(work: PoolTask): Promise<unknown>;
  load(): Load;
  close(): Promise<void>;
}

interface Waiting {
  readonly work: PoolTask;
  settle(done: Done): void;
}

export async function startPool(settings: Settings): Promise<Pool> {
  createTables(settings.file);
  const workers = Array.from({ length: settings.connections }, start);
  const idle = [...workers];
  const queue: Waiting[] = [];
  let aborted = 0;
  let refused = 0;
  // Each says once that its database is open.
  await Promise.all(workers.map(worker => once(worker, 'message')));

  function start(): Worker {
    // A connection that dies ends the service, which is what whoever watches it can see.
    return new Worker(new URL('./connection.ts', import.meta.url), { workerData: settings });
  }

  function next(): void {
    const worker = queue.length > 0 ? idle.pop() : undefined;
    const waiting = worker && queue.shift();
    if (!waiting) return;
    worker.once('message', (done: Done) => {
      aborted += done.aborted;
      idle.push(worker);
      waiting.settle(done);
      next();
    });
    worker.postMessage(waiting.work);
  }

  return {
    run(work) {
      if (idle.length === 0 && queue.length >= settings.waiting) {
        refused++;
        return Promise.reject(new Busy('too much is waiting'));
      }
      return new Promise((resolve, reject) => {
        queue.push({
          work,
          settle(done) {
            if (done.kind === 'done') return resolve(done.value);
            if (done.kind === 'failed') return reject(new Error(done.message));
            refused++;
            reject(new Busy('the database is locked'));
          },
        });
        next();
      });
    },
    load: () => ({ running: workers.length - idle.length, waiting: queue.length, aborted, refused }),
    close: async () => void (await Promise.all(workers.map(worker => worker.terminate()))),
  };
}
