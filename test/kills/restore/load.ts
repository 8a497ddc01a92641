// Clients that publish orders and send jobs one after the other, and note what was acknowledged.
import { setTimeout as pause } from 'node:timers/promises';
import { KEYS, STEP_MS } from './application.ts';

export interface SentJob {
  readonly n: number;
  /** Its path, as the answer named it. */
  readonly path: string;
}

/** What is known to be kept: all of it was acknowledged. */
export interface Acknowledged {
  readonly orders: ReadonlySet<string>;
  readonly jobs: readonly SentJob[];
}

export interface Load {
  /** As it is now. */
  acknowledged(): Acknowledged;
  /** Waits until clients have got so many more acknowledgements. */
  orders(): number;
  stop(): Promise<void>;
}

/** The time of events: they come in its order, a few at a time. */
const BEGAN = Date.UTC(2026, 0, 1);
const LARGE_EVERY = 25;
const LARGE_BYTES = 100_000;
const AT_ONCE = 4;
const PAUSE_MS = 20;

export function idOf(n: number): string {
  return `${n % KEYS}.${n}`;
}

export function keyOf(id: string): string {
  return `k${id.split('.')[0]}`;
}

export function numberOf(id: string): number {
  return Number(id.split('.')[1]);
}

export function timeOf(id: string): number {
  return BEGAN + numberOf(id) * STEP_MS;
}

/** Undefined: nobody knows whether it was taken. */
export async function publish(address: string, n: number): Promise<string | undefined> {
  const id = idOf(n);
  const large = n % LARGE_EVERY === 0 ? 'x'.repeat(LARGE_BYTES) : '';
  const answer = await send(
    `${address}/orders`,
    { key: keyOf(id), id, large },
    {
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-subject': keyOf(id),
      'ce-source': '/shop',
      'ce-type': 'Ordered',
      'ce-time': new Date(timeOf(id)).toISOString(),
    },
  );
  return answer?.ok ? id : undefined;
}

/** Orders from `first` on. */
export function startLoad(address: string, first: number): Load {
  const orders = new Set<string>();
  const jobs: SentJob[] = [];
  let stopped = false;
  const order = async (n: number) => {
    const id = await publish(address, n);
    if (id !== undefined) orders.add(id);
  };
  const job = async (n: number) => {
    const answer = await send(`${address}/work`, { n });
    const path = answer?.headers.get('location');
    if (answer?.status === 202 && path) jobs.push({ n, path });
  };
  const run = async () => {
    // The next ones only when those before have ended: orders of one key come in their order.
    for (let n = first; !stopped; n += AT_ONCE) {
      await Promise.all([...Array.from({ length: AT_ONCE }, (_, index) => order(n + index)), job(n)]);
      await pause(PAUSE_MS);
    }
  };
  const running = run();
  return {
    acknowledged: () => ({ orders: new Set(orders), jobs: [...jobs] }),
    orders: () => orders.size,
    async stop() {
      stopped = true;
      await running;
    },
  };
}

async function send(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response | undefined> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    await answer.arrayBuffer();
    return answer;
  } catch {
    return undefined;
  }
}
