// Where a change has been goes along with every delivery, and grows by the
// system that it is handed to.
import assert from 'node:assert/strict';
import { decodeEvents } from '../../../core/cloudevents/decode.ts';
import { originOfRecord } from '../../../core/cloudevents/origins.ts';
import { createCallDestination } from '../../../worker/deliver/call-destination.ts';
import type { Outcome } from '../../../worker/deliver/destination.ts';
import { withOriginOf } from '../../../worker/deliver/with-origin-of.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { answerOf, callerOf, destinationOf, itemOf, never } from './items.ts';

const common = { namespace: 'eu', topic: 'orders', endpoint: 'topics', timeoutMs: 500, maxAnswerBytes: 1000 } as const;
const destination = (caller: ReturnType<typeof callerOf>, batch: boolean) =>
  createCallDestination({ ...common, world: createFakeWorld(), caller, batch, priority: 5 });
const originIn = (headers: readonly string[]) => headers[headers.indexOf('tenfold-origin') + 1];
const marked = (offset: number, tenfoldorigin?: string) => itemOf(tenfoldorigin ? { tenfoldorigin } : {}, { offset });

describe('what a delivery says of where its events have been', () => {
  it('is said of one event with its names in full, and not at all when it has been nowhere', async () => {
    const caller = callerOf(() => answerOf(204));
    await destination(caller, false).deliver([marked(0, 'shop,us/crm')], never);
    await destination(caller, false).deliver([marked(1)], never);
    assert.equal(originIn(caller.calls[0]?.headers ?? []), 'eu/shop,us/crm');
    assert.ok(!caller.calls[1]?.headers.includes('tenfold-origin'));
  });

  it('holds for each event of a batch: those that have been elsewhere come in another call, and each gets its own outcome', async () => {
    const caller = callerOf(({ headers }) => (originIn(headers) === 'eu/shop' ? answerOf(500) : answerOf(204)));
    const items = [marked(0), marked(1, 'shop'), marked(2), marked(3, 'eu/shop'), marked(4, 'crm')];
    const outcomes = await destination(caller, true).deliver(items, never);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['done', 'failed', 'done', 'failed', 'done'],
    );
    const calls = caller.calls.map(({ headers, body }) => [
      headers.includes('tenfold-origin') ? originIn(headers) : undefined,
      decodeEvents(headers, Buffer.from(body ?? '')).map(({ id }) => id),
    ]);
    assert.deepEqual(calls, [
      [undefined, ['e-0', 'e-2']],
      ['eu/shop', ['e-1', 'e-3']],
      ['eu/crm', ['e-4']],
    ]);
  });

  it('gives up what has been in too many systems, alone in its batch', async () => {
    const caller = callerOf(() => answerOf(204));
    const round = Array.from({ length: 9 }, (_, index) => `s${index}`).join(',');
    const outcomes = await destination(caller, true).deliver([marked(0), marked(1, round)], never);
    assert.deepEqual(outcomes[0], { kind: 'done' });
    assert.partialDeepStrictEqual(outcomes[1], { kind: 'failed', retryable: false });
  });
});

describe('a delivery into a legacy system', () => {
  const done: Outcome = { kind: 'done' };
  const structured = {
    specversion: '1.0',
    id: 's',
    source: '/x',
    type: 'x',
    tenfoldorigin: 'eu/crm',
    data: { total: 1 },
  };
  const base = itemOf();
  const rows: Record<string, [item: typeof base, origin: string]> = {
    'an event that has been nowhere': [marked(0), 'eu/shop'],
    'an event that has been elsewhere': [marked(0, 'eu/crm'), 'eu/crm,eu/shop'],
    'a record in structured mode': [
      {
        ...base,
        record: {
          ...base.record,
          value: Buffer.from(JSON.stringify(structured)),
          headers: { 'content-type': 'application/cloudevents+json', traceparent: 't' },
        },
      },
      'eu/crm,eu/shop',
    ],
    'a record that is no event': [
      { ...base, record: { ...base.record, value: Buffer.from('{"a":1}'), headers: {} } },
      'eu/shop',
    ],
  };
  for (const [name, [item, origin]] of Object.entries(rows)) {
    it(`marks ${name}`, async () => {
      const inner = destinationOf(() => done);
      assert.deepEqual(await withOriginOf(inner, 'eu/shop', 'orders').deliver([item], never), [done]);
      const [{ record } = assert.fail('nothing was handed over')] = inner.seen;
      assert.equal(originOfRecord(record), origin);
      const caller = callerOf(() => answerOf(204));
      await withOriginOf(destination(caller, false), 'eu/shop', 'orders').deliver([item], never);
      assert.equal(originIn(caller.calls[0]?.headers ?? []), origin);
    });
  }

  it('gives up what cannot be read, and hands the others over', async () => {
    const broken = {
      ...base.record,
      value: Buffer.from('{'),
      headers: { 'content-type': 'application/cloudevents+json' },
    };
    const inner = destinationOf(() => done);
    const outcomes = await withOriginOf(inner, 'eu/shop', 'orders').deliver([{ ...base, record: broken }, base], never);
    assert.partialDeepStrictEqual(outcomes[0], { kind: 'failed', retryable: false });
    assert.deepEqual(outcomes[1], done);
    assert.equal(inner.seen.length, 1);
  });
});
