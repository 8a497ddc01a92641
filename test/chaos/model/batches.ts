// Several events in one call: each is handled, whatever became of the others in it; and a job whose
// items are worked so has the result of each.
import type { Handler } from '../functions/work.ts';

export interface Batches {
  /** Of a Subscription. */
  readonly batched: Handler;
  /** Of a FanOut. */
  readonly part: Handler;
  readonly gather: Handler;
  accepted(name: string, parts: number): void;
  /** By the ids of what was published, and the ends of jobs that their topic tells of. */
  differences(published: readonly string[], ends: readonly EndOfBatch[]): string[];
  /** Events in the largest call. */
  readonly largest: number;
}

export interface EndOfBatch {
  readonly state: string;
  readonly result?: { readonly body?: { readonly name?: string; readonly found?: readonly number[] } };
}

interface BatchedEvent {
  readonly id: string;
  readonly data: unknown;
}

interface Entry {
  readonly id: string;
  readonly status: number;
  readonly data?: unknown;
}

/** One in so many entries fails, though the call does not. */
const FAILS_EVERY = 19;

export function createBatches(): Batches {
  const handled = new Set<string>();
  const jobs = new Map<string, number>();
  let entries = 0;
  let largest = 0;
  const batchHandler =
    (work: (event: BatchedEvent) => unknown): Handler =>
    body => {
      const events: BatchedEvent[] = JSON.parse(body);
      largest = Math.max(largest, events.length);
      return {
        ms: 2,
        status: 207,
        done() {
          const results = events.map((event): Entry => {
            const { id } = event;
            if (++entries % FAILS_EVERY === 0) return { id, status: 500 };
            const data = work(event);
            return data === undefined ? { id, status: 204 } : { id, status: 200, data };
          });
          return JSON.stringify({ results });
        },
        failed() {},
      };
    };
  return {
    batched: batchHandler(({ id }) => void handled.add(id)),
    part: batchHandler(({ data }) => data),
    gather(body) {
      const lines = body
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
      const parts = lines.flatMap(({ state, result }) => (state === 'succeeded' ? [result] : []));
      const answer = { name: parts[0]?.name, found: parts.map(({ part }) => part) };
      return { ms: 2, done: () => JSON.stringify(answer), failed() {} };
    },
    accepted: (name, parts) => void jobs.set(name, parts),
    differences(published, ends) {
      const expected = new Map([...jobs].map(([name, parts]) => [name, Array.from({ length: parts }, (_, at) => at)]));
      const found = new Map<string, string>();
      const wrong = [...new Set(published)].filter(id => !handled.has(id)).map(id => `${id} was not handled`);
      for (const end of ends) {
        const name = end.result?.body?.name;
        if (name === undefined) wrong.push(`a job ended without its results: ${JSON.stringify(end)}`);
        else found.set(name, JSON.stringify(end.result?.body?.found));
      }
      for (const [name, parts] of expected)
        if (found.get(name) !== JSON.stringify(parts))
          wrong.push(`${name} of ${parts.length} items gave ${found.get(name) ?? 'nothing yet'}`);
      return wrong;
    },
    get largest() {
      return largest;
    },
  };
}
