// Guests who order without a pause while something is broken or replaced, and what became of each
// order; and people of the cluster who look at that.
import assert from 'node:assert/strict';
import { Agent, request } from 'undici';
import { eventually } from '../../eventually.ts';
import type { Node } from './node.ts';
import { call, tenfold } from './platform.ts';

export interface Guests {
  /** How many orders have been taken until now. */
  readonly taken: number;
  /** All who still wait get their answer first. */
  leave(): Promise<Ordered>;
}

export interface Ordered {
  /** Ids of the orders that were answered 201. */
  readonly taken: readonly string[];
  /** What the others were answered, or why they were not. */
  readonly failed: readonly string[];
}

const AT_ONCE = 4;
const PAUSE_MS = 50;

/**
 * Each orders again as soon as it has been served; connections are kept,
 * as those of an ingress are.
 */
function letOrder(address: string): Guests {
  const dispatcher = new Agent({ connections: AT_ONCE });
  const taken: string[] = [];
  const failed: string[] = [];
  let leaving = false;
  const order = async (table: number) => {
    while (!leaving) {
      try {
        const answer = await request(`${address}/orders`, {
          method: 'POST',
          dispatcher,
          headersTimeout: 60_000,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ table: `table-${table}`, drink: 'espresso' }),
        });
        const text = await answer.body.text();
        if (answer.statusCode === 201) taken.push(JSON.parse(text).id);
        else failed.push(`${new Date().toISOString()} ${answer.statusCode} ${text}`);
      } catch (error) {
        failed.push(`${new Date().toISOString()} ${error}`);
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
    }
  };
  const all = Promise.all(Array.from({ length: AT_ONCE }, (_, table) => order(table)));
  return {
    get taken() {
      return taken.length;
    },
    async leave() {
      leaving = true;
      await all;
      await dispatcher.close();
      return { taken, failed };
    },
  };
}

/** `count` more than by now. */
export async function moreOrders(guests: Guests, count = 40): Promise<void> {
  const enough = guests.taken + count;
  await eventually(() => guests.taken >= enough, `${count} more orders are taken`);
}

/**
 * Nothing that was taken is lost, whatever `breaks` does meanwhile; and nobody is refused but by
 * what `mayFail` fits. Says what was ordered.
 */
export async function whileOrdering(
  address: string,
  breaks: (guests: Guests) => Promise<unknown>,
  mayFail?: RegExp,
): Promise<readonly string[]> {
  const guests = letOrder(address);
  let broken: unknown;
  try {
    await moreOrders(guests);
    await breaks(guests);
    await moreOrders(guests);
  } catch (error) {
    broken = error;
  }
  const { taken, failed } = await guests.leave();
  if (broken !== undefined) throw broken;
  const wrong = failed.filter(each => !mayFail?.test(each));
  assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} failed, ${taken.length} were taken`);
  if (failed.length > 0) console.log(`      ${failed.length} failed, ${taken.length} were taken`);
  await allServed(address, taken, 90_000);
  return taken;
}

/**
 * All that was ordered hangs on the wall, and the kitchen has made all of it. `withinMs`: for how
 * long nothing more may come of what is missing.
 */
export async function allServed(address: string, ids: readonly string[], withinMs = 2 * 60_000): Promise<void> {
  assert.notEqual(ids.length, 0);
  for (const view of ['wall', 'served']) {
    let missing: readonly string[] = ids;
    while (missing.length > 0) {
      const before = missing.length;
      const more = async () => {
        const there = await rowsOf(address, view);
        missing = ids.filter(id => !there.has(id));
        return missing.length < before;
      };
      await eventually(more, `more is ${view}`, withinMs).catch(error => {
        throw new Error(`${error.message}; ${missing.length} of ${ids.length} are not, such as ${missing[0]}`);
      });
    }
  }
}

async function rowsOf(address: string, view: string): Promise<Set<string>> {
  const keys = new Set<string>();
  let after = '';
  do {
    const { status, body } = await call('GET', `${address}/${view}?index=table&limit=5000${after}`);
    if (status !== 200) return keys;
    for (const { key } of body.items) keys.add(key);
    after = body.next === undefined ? '' : `&after=${encodeURIComponent(body.next)}`;
  } while (after !== '');
  return keys;
}

/** To be called where an application with a Function `orders` runs in that namespace. */
export function describePeople(
  namespace: string,
  where: () => { readonly node: Node; readonly platform: string },
): void {
  it('shows people what is theirs, and opens the way to it by itself', async () => {
    const { node, platform } = where();
    await assertPeopleSeeTheirs(node, platform, namespace);
  });
}

/**
 * An administrator sees all. A ServiceAccount with the role `view` sees its namespace, and changes
 * nothing.
 */
async function assertPeopleSeeTheirs(node: Node, platform: string, namespace: string): Promise<void> {
  const platformOf = ['--platform-namespace', platform];
  assert.match(await tenfold(node, ['get', 'functions', '-n', namespace, ...platformOf]), /orders/);
  await node.kubectl(['create', 'serviceaccount', 'guest', `--namespace=${namespace}`]);
  const account = `--serviceaccount=${namespace}:guest`;
  await node.kubectl(['create', 'rolebinding', 'guest', '--clusterrole=view', account, `--namespace=${namespace}`]);
  const guest = [...platformOf, '--service-account', `${namespace}/guest`];
  const sees = () =>
    tenfold(node, ['get', 'functions', '-A', ...guest]).then(
      text => /orders/.test(text),
      () => false,
    );
  await eventually(sees, 'the role counts');
  await assert.rejects(tenfold(node, ['subscriptions', 'pause', 'any', '-n', namespace, ...guest]));
  await assert.rejects(tenfold(node, ['get', 'functions', '-n', platform, ...guest]), /may not view/);
}
