// An order that is sent again and again under one key is one job: every answer names it, everybody
// sees the same end of it, and its callback tells that end.
import { createHmac } from 'node:crypto';
import type { Handler } from '../functions/work.ts';
import { HOOK_KEY } from '../site/wider.ts';

export interface Orders {
  readonly order: Handler;
  /** Where callbacks go. */
  readonly told: Handler;
  /** An answer to one of the requests with its key. */
  accepted(number: number, job: { readonly id: string; readonly path: string }): void;
  /** Where each can be asked after. */
  all(): readonly { readonly number: number; readonly paths: readonly string[] }[];
  /** What an endpoint says of it at one of these. */
  seen(number: number, path: string, state: string, result: unknown): void;
  /** Of which no callback has come, or no end is known at each of its addresses. */
  open(): readonly string[];
  wrong(): readonly string[];
}

interface Order {
  /**
   * By the last part of the ids of its jobs: the key decides that, the rest is
   * where it stands in the log.
   */
  readonly jobs: Set<string>;
  readonly paths: Set<string>;
  readonly ended: Set<string>;
  /** What was said of it: the end of it, wherever one asks. */
  readonly results: Set<string>;
  readonly told: Set<string>;
  runs: number;
}

export function createOrders(): Orders {
  const orders = new Map<number, Order>();
  const wrong: string[] = [];
  const orderOf = (number: number): Order => {
    const none = { jobs: new Set<string>(), paths: new Set<string>(), ended: new Set<string>() };
    const found = orders.get(number) ?? { ...none, results: new Set(), told: new Set(), runs: 0 };
    orders.set(number, found);
    return found;
  };
  const nothing = () => {};
  return {
    order(body) {
      const { order: number }: { order: number } = JSON.parse(body);
      // Each run answers something else: whose answer is shown says which one counts.
      const run = ++orderOf(number).runs;
      return { ms: 5, done: () => JSON.stringify({ order: number, run }), failed: nothing };
    },
    told(body, _, headers = {}) {
      const { state, result }: { state: string; result?: { body?: { order: number; run: number } } } = JSON.parse(body);
      const number = result?.body?.order;
      const bad = number === undefined || state !== 'succeeded' || !isSigned(body, headers);
      if (bad) wrong.push(`a callback that is no good: ${JSON.stringify(headers)} ${body}`);
      return {
        ms: 2,
        done() {
          if (number !== undefined) orderOf(number).told.add(JSON.stringify(result?.body));
          return '';
        },
        failed: nothing,
      };
    },
    accepted(number, { id, path }) {
      const order = orderOf(number);
      order.jobs.add(id.slice(id.lastIndexOf('-') + 1));
      order.paths.add(path);
    },
    all: () => [...orders].map(([number, { paths }]) => ({ number, paths: [...paths] })),
    seen(number, path, state, result) {
      const order = orderOf(number);
      if (['failed', 'expired', 'cancelled'].includes(state)) wrong.push(`order ${number} is ${state} at ${path}`);
      if (order.ended.has(path) && state !== 'succeeded') wrong.push(`order ${number} had ended, and is ${state}`);
      if (state !== 'succeeded') return;
      order.ended.add(path);
      order.results.add(JSON.stringify(result));
    },
    open: () =>
      [...orders].flatMap(([number, { paths, ended, told }]) => {
        if (told.size === 0) return [`of order ${number} no callback has come`];
        return ended.size < paths.size ? [`order ${number} has not ended`] : [];
      }),
    wrong: () => [...wrong, ...[...orders].flatMap(([number, order]) => contradictions(number, order))],
  };
}

function contradictions(number: number, { jobs, results, told }: Order): string[] {
  const all = new Set([...results, ...told]);
  return [
    ...(jobs.size > 1 ? [`order ${number} is ${jobs.size} jobs: ${[...jobs].join(', ')}`] : []),
    ...(all.size > 1
      ? [`order ${number} ended as ${[...results].join(', ')}, and its callback told ${[...told].join(', ')}`]
      : []),
  ];
}

/** As Standard Webhooks says. */
function isSigned(body: string, headers: Readonly<Record<string, string | readonly string[] | undefined>>): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = headers;
  const key = Buffer.from(HOOK_KEY.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
  return signature === `v1,${expected}`;
}
