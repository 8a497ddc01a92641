// A reader of the simulated log: late, interrupted, and at times blind for what was just appended.
import { TenfoldError } from '../../../core/errors.ts';
import type { ReadBatch, Reader, ReadLimits } from '../../../drivers/event-log/event-log.ts';
import type { Calls } from './calls.ts';

export class SimulatedReader implements Reader {
  readonly #calls: Calls;
  readonly #lost: AbortSignal;
  readonly #topic: string;
  readonly #partition: number;
  #next: number;
  #stop: ((reason: unknown) => void) | undefined;
  #closed = false;

  constructor(calls: Calls, lost: AbortSignal, topic: string, partition: number, from: number) {
    this.#calls = calls;
    this.#lost = lost;
    this.#topic = topic;
    this.#partition = partition;
    this.#next = from;
  }

  next(limits: ReadLimits, signal?: AbortSignal): Promise<ReadBatch> {
    if (this.#stop) throw new Error(`two calls of next at a time on ${this.#topic}/${this.#partition}`);
    if (this.#closed) return Promise.reject(closed());
    if (this.#lost.aborted) return Promise.reject(this.#lost.reason);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<ReadBatch>();
    let forget = () => {};
    const done = () => {
      forget();
      this.#stop = undefined;
      this.#lost.removeEventListener('abort', onLost);
      signal?.removeEventListener('abort', onAbort);
    };
    const stop = (reason: unknown) => {
      if (this.#stop !== stop) return;
      done();
      reject(reason);
    };
    const onLost = () => stop(this.#lost.reason);
    const onAbort = () => stop(signal?.reason);
    this.#stop = stop;
    this.#lost.addEventListener('abort', onLost);
    signal?.addEventListener('abort', onAbort);

    const { broker, process } = this.#calls;
    const { simulation } = broker;
    const label = `${process.name} reads ${this.#topic}/${this.#partition}`;
    const look = () => {
      const heldMs = broker.heldFor(this.#topic, this.#partition, process.name);
      simulation.after(this.#calls.way(label) + heldMs, label, () => {
        if (this.#stop !== stop || !process.alive) return;
        // A topic that is deleted is as one that cannot be reached.
        const isThere = broker.partitions(this.#topic)?.[this.#partition] !== undefined;
        if (broker.down || !isThere || simulation.chance.happens(`${label} fails`, broker.faults.readFails)) {
          process.after(this.#calls.way(label), `${label} in vain`, () => {
            stop(new TenfoldError('log-unavailable', `${label}: the log gave no answer`));
          });
          return;
        }
        const batch = this.#read(limits);
        if (!batch) forget = broker.partition(this.#topic, this.#partition).onAppend(look);
        else
          process.after(this.#calls.way(label), `${label} gets`, () => {
            if (this.#stop !== stop) return;
            this.#next = batch.next;
            done();
            resolve(batch);
          });
      });
    };
    look();
    return promise;
  }

  close(): void {
    this.#closed = true;
    this.#stop?.(closed());
  }

  /** Undefined when there is nothing to see. */
  #read(limits: ReadLimits): ReadBatch | undefined {
    const { broker } = this.#calls;
    const { chance } = broker.simulation;
    const log = broker.partition(this.#topic, this.#partition);
    const all = log.read(this.#next, limits);
    if (all.records.length === 0) return undefined;
    if (!chance.happens('read is stale', broker.faults.readStale)) return all;
    const seen = all.records[chance.int('read sees', 0, all.records.length - 1)]?.offset ?? 0;
    const some = log.read(this.#next, limits, seen + 1);
    return some.records.length === 0 ? all : some;
  }
}

const closed = () => new TenfoldError('conflict', 'the reader was closed');
