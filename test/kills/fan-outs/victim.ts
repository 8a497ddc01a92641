// The process that is killed: a fan-out whole, over the log and the store on SQLite, with
// workers that take a moment.
import { pathToFileURL } from 'node:url';
import { INDEX_HEADER, toFactRecord } from '../../../core/fan-outs/facts.ts';
import { decodeFanOutJob, decodeWithHead } from '../../../core/fan-outs/job.ts';
import {
  FAN_OUT_PARTITIONS,
  fanOutLayoutOf,
  JOBS_TABLE,
  OUTCOMES_TABLE,
  RESULTS_TABLE,
} from '../../../core/fan-outs/layout.ts';
import { indexOfKey } from '../../../core/fan-outs/result-text.ts';
import { realWorld, sleep } from '../../../core/world.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../../drivers/store/sqlite/sqlite-store.ts';
import type { Caller } from '../../../worker/deliver/caller.ts';
import type { DeliveryItem, Outcome } from '../../../worker/deliver/destination.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import { startDispatcher } from '../../../worker/dispatch/dispatcher.ts';
import type { DispatchSettings } from '../../../worker/dispatch/settings.ts';
import type { ConsumerHandlers } from '../../../worker/event-plane.ts';
import { createGatherDestination, gatherDeadLettered } from '../../../worker/fan-outs/gather-destination.ts';
import { createItemsDestination, itemDeadLettered } from '../../../worker/fan-outs/items-destination.ts';
import { createJobWatch } from '../../../worker/fan-outs/job-watch.ts';
import { createOutboxHandler } from '../../../worker/fan-outs/outbox-handler.ts';
import { runFanOut } from '../../../worker/fan-outs/run-fan-out.ts';
import { createSplitDestination, splitDeadLettered } from '../../../worker/fan-outs/split-destination.ts';
import type { Splitter } from '../../../worker/fan-outs/splitter.ts';
import { type Answer, type BeginJob, BROKEN_EVERY, ENDED, type Order, PARTITIONS, type SeenJob } from './protocol.ts';

const [, , file = '', threadFile = ''] = process.argv;
const world = realWorld;
const LIMITS = { maxRecords: 10_000, maxBytes: 10_000_000 };
const PAGE = 9;

const database = await openDatabase({ world, file, thread: pathToFileURL(threadFile) });
const log = await createSqliteEventLog({ world, database });
const store = await openSqliteStore({ world, database });
const layout = fanOutLayoutOf('default', 'killed');
const settings = {
  namespace: 'default',
  name: 'killed',
  layout,
  rules: {
    completion: { when: 'all', tolerate: { fraction: 0.5 } },
    deadlineMs: 3_600_000,
    ttlMs: 3_600_000,
    gathers: true,
  },
  maxItems: 1_000,
  perJob: undefined,
} as const;
const site = { world, log, store, blobs: undefined, settings };

/** Where the facts of a job are; few partitions, so that jobs meet. */
const homeOf = (nonce: string) => partitionOf(nonce, FAN_OUT_PARTITIONS) % PARTITIONS;

const splitter: Splitter = {
  repeatable: false,
  open:
    ({ record }) =>
    async cursor => {
      await sleep(world, world.random() * 10);
      const count = Number(Buffer.from(record.value).toString());
      const from = typeof cursor === 'number' ? cursor : 0;
      const to = Math.min(count, from + PAGE);
      const items = Array.from({ length: to - from }, (_, at) => from + at);
      return { items, cursor: to < count ? to : undefined };
    },
};
const work = async ({ record }: DeliveryItem): Promise<Outcome> => {
  await sleep(world, world.random() * 30);
  const index = Number(record.headers[INDEX_HEADER]);
  if (index % BROKEN_EVERY === 3) return { kind: 'failed', retryable: false, error: { message: 'it is broken' } };
  if (world.random() < 0.05) return { kind: 'failed', retryable: true, error: { message: 'not now' } };
  return { kind: 'done', answer: { status: 200, headers: [], body: Buffer.from(record.value) } };
};
const gatherer: Caller = {
  label: 'gather',
  async call({ stream }) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream ?? []) chunks.push(chunk);
    await sleep(world, world.random() * 20);
    const lines: { index?: number; state?: string }[] = Buffer.concat(chunks)
      .toString()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    const indexes = lines.flatMap(({ index, state }) => (state === 'succeeded' && index !== undefined ? [index] : []));
    const headers = ['content-type', 'application/json'];
    return { status: 200, headers, body: Buffer.from(JSON.stringify(indexes)) };
  },
};

for (const topic of [layout.splits, layout.items, layout.gathers, ENDED])
  await log.ensureTopic(topic, { partitions: PARTITIONS });
const letters = (group: string) => () => createDeadLetters(world, log, group);
await runFanOut({
  site,
  observer: { trouble: (_, error) => console.error(error), superseded() {}, jumped() {}, refused() {} },
  run: createOutboxHandler({
    site,
    itemLetters: letters(layout.items),
    splitLetters: letters(layout.splits),
    async announce({ generation, state }, { nonce }) {
      await log.append(ENDED, [{ key: nonce, value: Buffer.from(`${generation} ${state}`), headers: {} }]);
    },
    ended() {},
  }),
});
const common: Omit<DispatchSettings, 'group' | 'topic'> = {
  order: 'key',
  concurrency: 4,
  retry: { attempts: 50, backoff: 'constant', initial: 20, max: 20 },
  delay: 0,
  onExhausted: 'skip',
  parking: { maxKeys: 1_000, maxSize: 10_000_000 },
  deadLetterRetention: 3_600_000,
  from: 'earliest',
  priority: 5,
  paused: false,
};
const inner = { label: 'work', deliver: (items: readonly DeliveryItem[]) => Promise.all(items.map(work)) };
const consumers: readonly (readonly [string, ConsumerHandlers])[] = [
  [
    layout.splits,
    { destination: createSplitDestination(site, splitter), deadLettered: each => splitDeadLettered(site, each) },
  ],
  [
    layout.items,
    {
      destination: createItemsDestination({ site, watch: createJobWatch(site), inner, later: false }),
      deadLettered: each => itemDeadLettered(site, each),
    },
  ],
  [
    layout.gathers,
    {
      destination: createGatherDestination({ site, caller: gatherer, timeoutMs: 60_000 }),
      deadLettered: each => gatherDeadLettered(site, each),
    },
  ],
];
for (const [topic, { destination, deadLettered }] of consumers)
  await startDispatcher({
    world,
    log,
    settings: { ...common, group: topic, topic },
    destination,
    deadLettered,
    limits: { commitEveryMs: 50 },
  });

process.on('message', (order: Order) => {
  carryOut(order).then(
    answer => process.send?.(answer),
    error => {
      console.error(error);
      process.exit(1);
    },
  );
});
// The killer is gone.
process.on('disconnect', () => process.exit(0));
const ready: Answer = { kind: 'ready' };
process.send?.(ready);

async function carryOut(order: Order): Promise<Answer> {
  if (order.kind === 'begin') {
    await Promise.all(order.jobs.map(begin));
    return { kind: 'begun', jobs: order.jobs };
  }
  return { kind: 'seen', jobs: await look() };
}

async function begin({ nonce, items }: BeginJob): Promise<void> {
  const event = { ce_specversion: '1.0', ce_id: '1', ce_source: '/kills', ce_type: 't' };
  const start = toFactRecord(nonce, homeOf(nonce), { kind: 'start', owner: '' }, Buffer.from(String(items)), event);
  await log.append(layout.facts, [start]);
}

async function look(): Promise<SeenJob[]> {
  const told = new Map<string, string[]>();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { records } = await log.read(ENDED, partition, 0, LIMITS);
    for (const { key, value } of records)
      told.set(key ?? '', [...(told.get(key ?? '') ?? []), Buffer.from(value).toString()]);
  }
  const seen: SeenJob[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const scope = layout.scopeOf(partition);
    const { rows } = await store.scan(scope, JOBS_TABLE, { limit: 10_000 });
    for (const { key: nonce, value } of rows) {
      const job = decodeFanOutJob(value);
      if (job === undefined) continue;
      const results = await store.scan(scope, RESULTS_TABLE, { prefix: [`${nonce}/`], limit: 10_000 });
      const outcome = await store.row(scope, OUTCOMES_TABLE, nonce);
      const body = outcome && decodeWithHead(outcome)?.body;
      const { state, items, succeeded, failed } = job;
      seen.push({
        nonce,
        state,
        items,
        succeeded,
        failed,
        results: results.rows.map(({ key }) => indexOfKey(key)),
        gathered: body && JSON.parse(body.toString()),
        told: told.get(nonce) ?? [],
      });
    }
  }
  return seen;
}
