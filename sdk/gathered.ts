// Reads what the function gets that gathers a job of a FanOut: the job, the event that began it,
// and what became of each item, as it arrives.

import type { Readable } from 'node:stream';
import type { CloudEvent } from './cloud-event.ts';

export interface GatheredJob {
  readonly id: string;
  readonly fanOut: string;
  /** How often it was taken up again after its end. */
  readonly generation: number;
  readonly items: number;
  readonly succeeded: number;
  readonly failed: number;
}

export type GatheredItem<Result = unknown> =
  | { readonly index: number; readonly state: 'succeeded'; readonly status: number; readonly result: Result }
  | {
      readonly index: number;
      readonly state: 'failed';
      readonly reason: string;
      readonly attempts: number;
      readonly error: { readonly status?: number; readonly message: string };
    };

export interface Gathered<Data = unknown, Result = unknown> {
  readonly job: GatheredJob;
  readonly event: CloudEvent<Data>;
  /**
   * The items in order, once. Throws when the stream was cut off: then the call fails and is made
   * again.
   */
  readonly items: AsyncIterable<GatheredItem<Result>>;
}

/**
 * `http(async request => { const { event, items } = await gathered(request); for await
 * (const item of items) … })`
 */
export async function gathered<Data = unknown, Result = unknown>(request: {
  stream(): Readable;
}): Promise<Gathered<Data, Result>> {
  const lines = linesOf(request.stream());
  const first = await lines.next();
  const head: unknown = first.done ? undefined : JSON.parse(first.value);
  if (!isHead<Data>(head)) throw new TypeError('This is no request to gather a job of a FanOut.');
  async function* items(): AsyncGenerator<GatheredItem<Result>> {
    let count = 0;
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
      const line: (GatheredItem<Result> & { end?: undefined }) | { end: true; count: number } = JSON.parse(next.value);
      if (line.end !== true) {
        count++;
        yield line;
      } else if (line.count === count) return;
      else break;
    }
    throw new Error('The results of the job were cut off.');
  }
  return { job: head.job, event: head.event, items: items() };
}

async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

function isHead<Data>(value: unknown): value is { job: GatheredJob; event: CloudEvent<Data> } {
  return typeof value === 'object' && value !== null && 'job' in value && 'event' in value;
}
