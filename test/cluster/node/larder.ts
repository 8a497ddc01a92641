// Somebody who puts things into the larder (test/fixtures/larder) on the node, some of which are
// done at once, while others wait until they are let go.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import { type Answer, call } from './platform.ts';

/** What waits for one lock. */
interface Goods {
  readonly lock: string;
  /** Of two events with the same key. */
  readonly events: readonly string[];
  /** Where the job is asked after. */
  readonly job: string;
}

export interface Stock {
  readonly done: Goods;
  readonly waiting: Goods;
}

const CONTENT = 'jam';

/** Resolves when one half is done, and the first attempts of the other have failed. */
export async function stockLarder(address: string, name: string): Promise<Stock> {
  await unlock(address, `${name}/open`);
  const done = await put(address, name, 'open');
  await isTasted(address, done);
  const waiting = await put(address, name, 'locked');
  const failed = async () => (await call('GET', address + waiting.job)).body.state === 'waiting';
  await eventually(failed, `${waiting.job} waits`);
  return { done, waiting };
}

/** What was done is there with its result, and what waits has not been done, nor given up. */
export async function assertKept(address: string, { done, waiting }: Stock): Promise<void> {
  await isTasted(address, done);
  for (const id of waiting.events) assert.equal((await rowOf(address, id)).status, 404);
  const job = await call('GET', address + waiting.job);
  assert.match(job.body.state, /^(waiting|running)$/, JSON.stringify(job));
  assert.ok(job.body.attempts > 0, JSON.stringify(job));
}

/** What waited is done, and its attempts have been counted on. */
export async function releaseStock(address: string, { waiting }: Stock): Promise<void> {
  await unlock(address, waiting.lock);
  await isTasted(address, waiting);
  const [first = ''] = waiting.events;
  const { body: row } = await rowOf(address, first);
  const { body: result } = await call('GET', `${address}${waiting.job}/result`);
  for (const { attempt } of [row, result]) assert.ok(attempt > 1, JSON.stringify({ row, result }));
}

export async function putObject(address: string, name: string): Promise<void> {
  const { status, body } = await call('PUT', `${address}/larder/objects/${name}`, CONTENT);
  assert.ok(status < 300, `${status} ${JSON.stringify(body)}`);
}

export async function assertObject(address: string, name: string): Promise<void> {
  const { status, body } = await call('GET', `${address}/larder/objects/${name}`);
  assert.deepEqual([status, body], [200, CONTENT]);
}

async function put(address: string, name: string, state: string): Promise<Goods> {
  const lock = `${name}/${state}`;
  const shelf = `${name}-${state}`;
  const events = [`${shelf}-1`, `${shelf}-2`];
  for (const id of events) {
    const { status, body } = await call('POST', `${address}/larder/stock`, { id, shelf, lock });
    assert.equal(status, 204, JSON.stringify(body));
  }
  const accepted = await call('POST', `${address}/larder/tastings`, { id: `${shelf}-job`, shelf, lock });
  assert.equal(accepted.status, 202, JSON.stringify(accepted.body));
  return { lock, events, job: accepted.body.location };
}

/**
 * Again and again: gateways of the older version call a Function that has just come up
 * before the node leads there.
 */
async function unlock(address: string, lock: string): Promise<void> {
  let last: Answer | undefined;
  const opens = async () => {
    last = await call('PUT', `${address}/larder/locks/${lock}`, '');
    return last.status < 300;
  };
  await eventually(opens, `${lock} is open`).catch(error => {
    throw new Error(`${error.message}: ${JSON.stringify(last)}`);
  });
}

async function isTasted(address: string, { events, job }: Goods): Promise<void> {
  let last: Answer | undefined;
  const shows = async () => {
    for (const id of events) {
      last = await rowOf(address, id);
      if (last.status !== 200) return false;
    }
    last = await call('GET', `${address}${job}/result`);
    return last.status === 200;
  };
  await eventually(shows, `${events} and ${job} are done`).catch(error => {
    throw new Error(`${error.message}: ${JSON.stringify(last)}`);
  });
}

const rowOf = (address: string, id: string) => call('GET', `${address}/larder/tasted?key=${id}`);
