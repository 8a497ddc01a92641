// The state of a join in one partition, with records as the test says.
import assert from 'node:assert/strict';
import { DEPTH_HEADER, PLACE_HEADER } from '../../../core/wire.ts';
import { realWorld } from '../../../core/world.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { Change } from '../../../drivers/store/changes.ts';
import { JoinPartition } from '../../../worker/pipelines/join/join-partition.ts';
import { compileJoin, type JoinTopicSpec } from '../../../worker/pipelines/join/join-plan.ts';

const TIME = { of: '${event.time}', maxDisorder: 0, idle: 'never' } as const;
const SPEC: JoinTopicSpec = {
  ...{ topic: 'payments', key: '${event.data.key}', otherKey: '${event.data.key}', otherTime: '${event.time}' },
  ...{ within: 10, as: 'payment', kind: 'outer', allowedLateness: 0 },
};

/** A store that holds what was written, row by row. */
class Held {
  readonly #rows = new Map<
    string,
    { readonly key: string; readonly value: Buffer; readonly position: string; readonly version: string }
  >();

  write(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'put-row')
        this.#rows.set(`${change.table} ${change.key}`, {
          key: change.key,
          value: Buffer.from(change.value),
          position: '',
          version: '',
        });
      if (change.kind === 'delete-row') this.#rows.delete(`${change.table} ${change.key}`);
    }
  }

  get events(): number {
    return [...this.#rows.keys()].filter(name => name.startsWith('events ')).length;
  }

  row = async (_: string, table: string, key: string) => this.#rows.get(`${table} ${key}`);
  scan = async (_: string, table: string) => ({
    rows: [...this.#rows].filter(([name]) => name.startsWith(`${table} `)).map(([, row]) => row),
    next: undefined,
  });
}

const load = async (held: Held, spec: Partial<JoinTopicSpec> = {}, bounds?: { ofKey: number; bytes: number }) => {
  const init = { plan: compileJoin({ ...SPEC, ...spec }, TIME), origin: 'paid/0', partition: 0 };
  return (await JoinPartition.load(held, 's', init, [1, 1], realWorld, bounds)) ?? assert.fail('written meanwhile');
};

let offset = 0;
/** `topic`: 0 for an order, 1 for a payment. */
const take = (join: JoinPartition, topic: 0 | 1, key: string, time: number, data: unknown = { key, time }) => {
  offset++;
  const event = { specversion: '1.0', id: `${offset}`, source: '/x', type: 'T', data } as const;
  const headers = { [PLACE_HEADER]: `0-${time}`, [DEPTH_HEADER]: String(topic) };
  const record: LogRecord = { offset, timestamp: time, key, value: Buffer.from(JSON.stringify(data)), headers };
  const mark = { topic: topic === 0 ? 'orders' : 'payments', partition: 0, offset: time, index: 0 };
  return join.take({ event, key, time, source: topic, topic, mark }, record);
};
const made = (join: JoinPartition) => join.results.splice(0).map(({ event }) => event.id);

describe('the state of a join', () => {
  it('goes on where it was written, and forgets what is over', async () => {
    const held = new Held();
    const join = await load(held);
    take(join, 0, 'a', 1);
    take(join, 1, 'b', 2);
    held.write(join.takeChanges(2).changes);
    assert.equal(held.events, 2);
    const next = await load(held);
    assert.equal(next.joining, 2);
    take(next, 1, 'a', 11);
    assert.deepEqual(made(next), ['paid/0/0-1~0-11']);
    take(next, 0, 'c', 30);
    take(next, 1, 'c', 40);
    // Both sides have come to 30: the payment of b stays alone.
    assert.deepEqual(made(next), ['paid/0/~0-2', 'paid/0/0-30~0-40']);
    held.write(next.takeChanges(5).changes);
    assert.equal(held.events, 2);
    assert.equal(next.joining, 2);
  });

  it('gives the result the later time, the data of both, and the longer way', async () => {
    const join = await load(new Held());
    take(join, 1, 'a', 2);
    take(join, 0, 'a', 1);
    const [{ event, cause } = assert.fail()] = join.results;
    assert.deepEqual(event.data, { key: 'a', time: 1, payment: { key: 'a', time: 2 } });
    assert.equal(event.time, new Date(2).toISOString());
    assert.equal(cause.record.headers[DEPTH_HEADER], '1');
    assert.equal(cause.record.key, 'a');
  });

  it('says of a late event by how much, and still takes one that is allowed', async () => {
    const join = await load(new Held(), { allowedLateness: 5 });
    take(join, 0, 'a', 20);
    take(join, 1, 'b', 20);
    assert.equal(take(join, 0, 'b', 15), undefined);
    const late = take(join, 0, 'b', 14);
    assert.match(late?.().message ?? '', /^It came 1ms too late for the join with Topic payments: it happened at /);
    assert.deepEqual(made(join), ['paid/0/0-15~0-20']);
  });

  it('refuses events beyond its bounds, and says so', async () => {
    const few = await load(new Held(), {}, { ofKey: 2, bytes: 1e6 });
    for (const time of [1, 2]) take(few, 0, 'a', time);
    assert.throws(() => take(few, 0, 'a', 3), /^TenfoldError: 2 events of the key "a" wait already in the join with/);
    assert.equal(take(few, 1, 'a', 3), undefined);
    const small = await load(new Held(), {}, { ofKey: 10, bytes: 1_000 });
    for (const time of [1, 2]) take(small, 0, 'a', time);
    assert.throws(() => take(small, 0, 'b', 3), /need 1000 bytes, as much as they may\. Shorten "within"/);
    // Time goes on by an event that is refused, and what is over makes room.
    assert.throws(() => take(small, 1, 'c', 30));
    assert.equal(take(small, 0, 'b', 31), undefined);
  });

  it('refuses data that cannot be put together', async () => {
    const join = await load(new Held());
    assert.throws(() => take(join, 0, 'a', 1, [1]), /"payment" cannot be added to data that are no object\./);
    assert.throws(() => take(join, 1, 'a', 1, Buffer.from('x')), /Binary data cannot be joined with Topic payments/);
  });
});
