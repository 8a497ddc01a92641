// What follows from jobs of fan-outs where a later release has written of it: that stays for a
// process of that release, and keeps nothing else.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { factOf, toFactRecord } from '../../../core/fan-outs/facts.ts';
import { encodeFanOutJob, encodeWithHead, type FanOutJob } from '../../../core/fan-outs/job.ts';
import {
  FAILED_TABLE,
  FAN_OUT_CONSUMER,
  fanOutLayoutOf,
  INPUTS_TABLE,
  itemKeyOf,
  JOBS_TABLE,
  OUTBOX_TABLE,
} from '../../../core/fan-outs/layout.ts';
import { deadTopicOf, parkingLogTopicOf } from '../../../core/names.ts';
import { isOfLaterRelease } from '../../../core/stored-version.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { FanOutSite } from '../../../worker/fan-outs/fan-out-settings.ts';
import { type OutboxEntry, outboxChange, type StoredOutboxEntry } from '../../../worker/fan-outs/outbox.ts';
import { createOutboxHandler } from '../../../worker/fan-outs/outbox-handler.ts';
import { startOutboxRelay } from '../../../worker/fan-outs/outbox-relay.ts';
import { runFanOut } from '../../../worker/fan-outs/run-fan-out.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { openInlineLog } from '../../drivers/event-log/sqlite/open-inline-log.ts';
import { openInlineStore } from '../../drivers/store/sqlite/open-inline-store.ts';
import { eventually } from '../../eventually.ts';

const layout = fanOutLayoutOf('default', 'sums');
const SCOPE = layout.scopeOf(0);
const NONCE = '0123456789abcdef';
let log: EventLog;
let store: Store;
let site: FanOutSite;
let troubles: unknown[];

const recordsIn = async (topic: string) => {
  const { end = 0 } = (await log.bounds(topic))?.[0] ?? {};
  const { records } = await log.read(topic, 0, 0, { maxRecords: 1000, maxBytes: 1e6 });
  assert.equal(records.length, end);
  return records;
};

const outboxEntriesLeft = async () =>
  (await store.scan(SCOPE, OUTBOX_TABLE, { limit: 1000 })).rows.map(({ key, value }) => [
    key,
    Buffer.from(value).toString(),
  ]);

/** Until it is so. */
const relayUntil = async (
  what: string,
  is: () => Promise<boolean>,
  run: (entry: StoredOutboxEntry) => Promise<void>,
) => {
  const trouble = (_: number, error: unknown) => troubles.push(error);
  const relay = startOutboxRelay({ site, partitions: () => [0], run, trouble });
  await eventually(is, what);
  await relay.close();
};

const assertLater = (error: unknown, what: string) => {
  assert.ok(isOfLaterRelease(error), String(error));
  assert.match(error.message, new RegExp(`^${what} has version 2, of a later release`));
};

function useSite(): void {
  beforeEach(async () => {
    const folder = tempFolder();
    log = await openInlineLog(join(folder, 'log.db'));
    store = await openInlineStore(join(folder, 'store.db'));
    const { facts, splits, items } = layout;
    for (const topic of [
      facts,
      splits,
      parkingLogTopicOf(items),
      deadTopicOf(items),
      parkingLogTopicOf(splits),
      deadTopicOf(splits),
    ])
      await log.ensureTopic(topic, { partitions: 1 });
    const completion = { when: 'all', tolerate: { count: 0 } } as const;
    const rules = { completion, deadlineMs: 60_000, ttlMs: 60_000, gathers: false };
    const settings = { namespace: 'default', name: 'sums', layout, rules, maxItems: 10, perJob: undefined };
    site = { world: realWorld, log, store, blobs: undefined, settings };
    troubles = [];
  });
  afterEach(async () => {
    await store.close();
    await log.close();
    removeTempFolders();
  });
}

describe('what follows from jobs of fan-outs', () => {
  useSite();

  it('is done although more of a later release is before it, and that stays as it is', async () => {
    const later = Array.from({ length: 230 }, (_, index) => ({
      kind: 'put-row' as const,
      table: OUTBOX_TABLE,
      key: `${String(index).padStart(3, '0')}/tell-others/0`,
      value: encodeWithHead({ v: 2, entry: { kind: 'tell-others' } }, Buffer.from('more')),
    }));
    await store.apply(SCOPE, [
      ...later,
      outboxChange(NONCE, 0, { kind: 'sweep' }),
      outboxChange('f'.repeat(16), 0, { kind: 'gather' }),
    ]);
    const before = (await outboxEntriesLeft()).filter(([key]) => key?.includes('tell-others'));
    const run: string[] = [];
    await relayUntil(
      'all others are done',
      async () => (await outboxEntriesLeft()).length === later.length && troubles.length > 0,
      async ({ entry }) => void run.push(entry.kind),
    );
    assert.deepEqual(run, ['sweep', 'gather']);
    assert.deepEqual(await outboxEntriesLeft(), before);
    for (const error of troubles) assertLater(error, 'what is kept at 229/tell-others/0');
  });

  it('is told when its time is up although a timer of a later release is, too, which stays set', async () => {
    const set = (timer: string, payload: object) =>
      ({ kind: 'set-timer', timer, inMs: 0, payload: JSON.stringify(payload) }) as const;
    const due = { kind: 'deadline', nonce: NONCE, generation: 0 };
    await store.apply(SCOPE, [set('a', { v: 2, job: NONCE }), set('b', due), set('c', { ...due, generation: 1 })]);
    await relayUntil(
      'both are told',
      async () => (await recordsIn(layout.facts)).length === 2 && troubles.length > 0,
      async () => {},
    );
    assert.deepEqual((await recordsIn(layout.facts)).map(factOf), [
      { kind: 'deadline', generation: 0 },
      { kind: 'deadline', generation: 1 },
    ]);
    assertLater(troubles[0], 'the timer a');
    // One of them comes back when its time with who took it is over.
    const { timers, nextInMs } = await store.takeDue(SCOPE, { limit: 10, leaseMs: 1 });
    assert.deepEqual([timers, nextInMs !== undefined], [[], true]);
  });
});

describe('what follows from jobs of fan-outs, where a later release has told something', () => {
  useSite();

  it('waits where a later release has told something, in that partition alone and no sooner', async () => {
    await log.ensureTopic(layout.facts, { partitions: 8 });
    const [held, before, behind, free] = ['a', 'b', 'c', 'd'].map(digit => digit.repeat(16)) as [
      string,
      string,
      string,
      string,
    ];
    const start = (nonce: string, partition: number) => toFactRecord(nonce, partition, { kind: 'start', owner: '' });
    const told = {
      ...toFactRecord(held, 3, { kind: 'cancel' }),
      headers: { 'tenfold-fact': '{"v":2,"kind":"pause"}' },
    };
    await log.append(layout.facts, [start(held, 3), start(before, 3), told, start(behind, 3)]);
    const observer = {
      trouble: (_: number, error: unknown) => troubles.push(error),
      superseded() {},
      jumped: () => assert.fail('nothing is deleted'),
      refused: () => assert.fail('nothing is set aside'),
    };
    const begun: string[] = [];
    const running = await runFanOut({ site, observer, run: async ({ nonce }) => void begun.push(nonce) });
    await eventually(async () => begun.includes(held) && begun.includes(before), 'those before it are begun');
    await eventually(async () => troubles.length > 0, 'it is said');
    await log.append(layout.facts, [start(free, 4)]);
    await eventually(async () => begun.includes(free), 'one of another partition is begun');
    const troubleOf = () => running.fold.partitions.find(({ partition }) => partition === 3)?.trouble ?? '';
    assert.match(troubleOf(), /^what is told of job a{16} has version 2, of a later release/);
    assert.equal(await store.position(layout.scopeOf(3), FAN_OUT_CONSUMER, 3), 2);
    assert.equal(await store.row(layout.scopeOf(3), JOBS_TABLE, behind), undefined);
    await running.close(1000);
    for (const error of troubles) assertLater(error, `what is told of job ${held}`);
  });

  const outboxHandler = () =>
    createOutboxHandler({
      site,
      itemLetters: () => createDeadLetters(realWorld, log, layout.items),
      splitLetters: () => createDeadLetters(realWorld, log, layout.splits),
      announce: async () => {},
      ended() {},
    });
  /** With a dead letter of event 5, of which a later release has written. */
  const redriven = async (group: string, more: Partial<FanOutJob>) => {
    const job = { id: `0-0-${NONCE}`, generation: 1, reopened: 1, items: 1, failed: 0, ...more } as FanOutJob;
    const line = JSON.stringify({ v: 2, type: 'letter', event: 5 });
    await log.append(deadTopicOf(group), [
      { key: null, partition: 0, value: Buffer.of(), headers: { 'tenfold-dead': line } },
    ]);
    const letter = { partition: 0, offset: 5, generation: 0, attempts: 1, reason: 'refused' };
    const failed = { error: { message: 'no' }, letter, at: 1, generation: 0 };
    const redrive: OutboxEntry = { kind: 'redrive', all: true };
    await store.apply(SCOPE, [
      { kind: 'put-row', table: JOBS_TABLE, key: NONCE, value: encodeFanOutJob({ ...job, letter }) },
      { kind: 'put-row', table: INPUTS_TABLE, key: NONCE, value: encodeWithHead({}, Buffer.from('{}')) },
      { kind: 'put-row', table: FAILED_TABLE, key: itemKeyOf(NONCE, 0), value: JSON.stringify(failed) },
      outboxChange(NONCE, 1, redrive),
      outboxChange('f'.repeat(16), 0, { kind: 'split', headers: {} }),
    ]);
  };

  for (const [what, group, job] of [
    ['of an item', layout.items, { state: 'working', split: true }],
    ['of its division', layout.splits, { state: 'splitting', split: false }],
  ] as const)
    it(`waits with a redrive where the dead letter ${what} is of a later release, and others go on`, async () => {
      await redriven(group, job);
      await relayUntil(
        'the other one is divided',
        async () => (await outboxEntriesLeft()).length === 1 && troubles.length > 0,
        entry => outboxHandler()(entry, 0),
      );
      assert.deepEqual(
        (await outboxEntriesLeft()).map(([key]) => key),
        [`${NONCE}/redrive/1`],
      );
      for (const error of troubles) assertLater(error, `${group}: dead letter 0-5`);
      assert.deepEqual(await recordsIn(parkingLogTopicOf(group)), []);
      assert.deepEqual(
        (await recordsIn(layout.splits)).map(({ key }) => key),
        ['f'.repeat(16)],
        'it is not divided anew',
      );
    });
});
