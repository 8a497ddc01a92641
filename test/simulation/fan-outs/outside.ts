// What stands around simulated fan-outs: the functions that divide, work and gather, and what they
// were asked, as all processes share it.
import { TenfoldError } from '../../../core/errors.ts';
import { INDEX_HEADER } from '../../../core/fan-outs/facts.ts';
import { JOB_HEADER } from '../../../core/jobs/job-id.ts';
import type { CallAnswer, Caller } from '../../../worker/deliver/caller.ts';
import type { DeliveryItem, Destination, Outcome } from '../../../worker/deliver/destination.ts';
import { SplitRefusal, type Splitter } from '../../../worker/fan-outs/splitter.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { Simulation } from '../kernel/simulation.ts';

export interface Gathered {
  readonly indexes: readonly number[];
  readonly failed: readonly number[];
  readonly whole: boolean;
}

export class Outside {
  /** Of any call: an error that can be tried again. */
  flaky = 0;
  /** Of an item: it fails until it is mended. */
  broken = 0;
  latencyMs = 200;
  readonly #simulation: Simulation;
  /** By `nonce/index`: what the item was each time that it was worked. */
  readonly worked = new Map<string, Set<string>>();
  #asked = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** How many items a job has is its data. */
  splitterFor(process: SimulatedProcess, page: number | undefined): Splitter {
    const size = page ?? 3;
    return {
      repeatable: page === undefined,
      open:
        ({ record }) =>
        async cursor => {
          const count = Number(Buffer.from(record.value).toString());
          await this.#wait(process, 'divides');
          if (this.#simulation.chance.happens('split fails', this.flaky / 2))
            throw new SplitRefusal({ kind: 'failed', retryable: true, error: { message: 'not now' } });
          const from = typeof cursor === 'number' ? cursor : 0;
          const to = Math.min(count, from + size);
          // A function that is asked twice gives other items under the same indexes.
          const asked = page === undefined ? '' : `/${++this.#asked}`;
          const items = Array.from({ length: to - from }, (_, at) => `item ${from + at}${asked}`);
          return { items, cursor: to < count ? to : undefined };
        },
    };
  }

  workerFor(process: SimulatedProcess): Destination {
    return {
      label: 'function simulated',
      deliver: items => Promise.all(items.map(item => this.#work(process, item))),
    };
  }

  gathererFor(process: SimulatedProcess): Caller {
    return {
      label: 'function gather',
      call: async ({ stream }) => {
        const chunks: Uint8Array[] = [];
        if (stream) for await (const chunk of stream) chunks.push(chunk);
        await this.#wait(process, 'gathers');
        if (this.#simulation.chance.happens('gather fails', this.flaky))
          throw new TenfoldError('bad-gateway', 'The gatherer has a problem.');
        return answerOf(Buffer.concat(chunks).toString());
      },
    };
  }

  async #work(process: SimulatedProcess, { record }: DeliveryItem): Promise<Outcome> {
    const place = `${record.headers[JOB_HEADER]}/${record.headers[INDEX_HEADER]}`;
    const seen = this.worked.get(place) ?? new Set();
    this.worked.set(place, seen.add(Buffer.from(record.value).toString()));
    await this.#wait(process, 'works');
    const { chance } = this.#simulation;
    if (chance.happens('work fails', this.flaky)) return failed(true);
    // The same item fails each time, as long as it is broken.
    if (this.broken > 0 && hash(place) % 100 < this.broken * 100) return failed(false);
    const body = Buffer.from(JSON.stringify(place));
    return { kind: 'done', answer: { status: 200, headers: ['content-type', 'application/json'], body } };
  }

  #wait(process: SimulatedProcess, what: string): Promise<void> {
    const ms = this.#simulation.chance.int(`${what} for`, 1, this.latencyMs);
    return new Promise(resolve => process.after(ms, what, resolve));
  }
}

function failed(retryable: boolean): Outcome {
  return { kind: 'failed', retryable, error: { message: retryable ? 'not now' : 'it is broken' } };
}

function answerOf(text: string): CallAnswer {
  const lines = text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  const items = lines.filter(line => 'index' in line);
  const gathered: Gathered = {
    indexes: items.filter(({ state }) => state === 'succeeded').map(({ index }) => index),
    failed: items.filter(({ state }) => state === 'failed').map(({ index }) => index),
    whole: lines.at(-1)?.end === true && lines.at(-1)?.count === items.length,
  };
  const body = Buffer.from(JSON.stringify(gathered));
  return { status: 200, headers: ['content-type', 'application/json'], body };
}

function hash(text: string): number {
  let value = 7;
  for (let index = 0; index < text.length; index++) value = (Math.imul(value, 31) + text.charCodeAt(index)) >>> 0;
  return value;
}
