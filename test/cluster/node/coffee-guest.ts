// A guest of the coffee shop on the node: orders, and looks at all that
// the shop shows of the order.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../eventually.ts';
import { call } from './platform.ts';

/** `folder`: of the application. */
export function countFunctions(folder: string): number {
  const files = readdirSync(folder).filter(name => name.endsWith('.yaml'));
  const texts = files.map(name => readFileSync(join(folder, name), 'utf8'));
  return texts.join('\n').match(/^kind: Function$/gm)?.length ?? 0;
}

export interface Ordered {
  readonly customer: string;
  readonly order: string;
}

export interface Seen {
  /** What the wall says is to be made of the order. */
  readonly wall: readonly string[];
  readonly receipt: unknown;
  readonly invoice: unknown;
  /** How many the leaderboard counts for the guest. */
  readonly cups: unknown;
}

/** Becomes a customer, and orders two V60 and a cookie. */
export async function orderCoffee(address: string): Promise<Ordered> {
  const customer = await call('POST', `${address}/shop/customers`, { name: 'Ada' });
  assert.equal(customer.status, 201, JSON.stringify(customer.body));
  const items = [{ drink: 'v60', quantity: 2 }, { drink: 'cookie' }];
  const order = await call('POST', `${address}/shop/orders`, { customer: customer.body.id, table: '4', items });
  assert.equal(order.status, 201, JSON.stringify(order.body));
  const kept = await call('GET', `${address}/shop/orders/${order.body.id}`);
  assert.deepEqual(kept.body, order.body);
  return { customer: customer.body.id, order: order.body.id };
}

/** Waits for each part: it comes after the order. */
export async function seeShop(address: string, { customer, order }: Ordered): Promise<Seen> {
  const see = async <T>(path: string, pick: (body: Awaited<ReturnType<typeof call>>['body']) => T | undefined) => {
    let answer: Awaited<ReturnType<typeof call>> | undefined;
    let found: T | undefined;
    const shows = async () => {
      answer = await call('GET', address + path);
      found = answer.status === 200 ? pick(answer.body) : undefined;
      return found !== undefined;
    };
    await eventually(shows, path).catch(error => {
      throw new Error(`${error.message}: ${JSON.stringify(answer)}`);
    });
    return found as T;
  };
  return {
    wall: await see('/shop/wall', ({ toMake }) => {
      const drinks = toMake.filter((each: { order: string }) => each.order === order);
      return drinks.length === 0 ? undefined : drinks.map(({ drink }: { drink: string }) => drink);
    }),
    receipt: await see(`/shop/receipts/${order}`, ({ lines }) => lines),
    invoice: await see(`/shop/invoices/${order}`, body => body),
    cups: await see(`/leaderboard/lovers?key=${customer}`, body => body),
  };
}
