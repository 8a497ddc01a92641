// One fan-out in a process of its own: a job of so many items, divided, worked by a worker that
// does nothing, counted and gathered. Prints what it took.
import { join } from 'node:path';
import { toFactRecord } from '../../../core/fan-outs/facts.ts';
import { decodeFanOutJob } from '../../../core/fan-outs/job.ts';
import { FAN_OUT_PARTITIONS, fanOutLayoutOf, JOBS_TABLE } from '../../../core/fan-outs/layout.ts';
import { realWorld } from '../../../core/world.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../../drivers/store/sqlite/sqlite-store.ts';
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

const [, , folder = '', thread = '', itemsText = '100000', concurrencyText = '64', batchText = '1'] = process.argv;
const ITEMS = Number(itemsText);
const CONCURRENCY = Number(concurrencyText);
/** Items of one call of the worker. */
const BATCH = Number(batchText);
const PAGE = 1_000;
const NONCE = '0123456789abcdef';

const world = realWorld;
const database = await openDatabase({
  world,
  file: join(folder, 'bench.db'),
  thread: new URL(thread, import.meta.url),
});
const log = await createSqliteEventLog({ world, database });
const store = await openSqliteStore({ world, database });
const layout = fanOutLayoutOf('default', 'bench');
const settings = {
  namespace: 'default',
  name: 'bench',
  layout,
  rules: {
    completion: { when: 'all', tolerate: { count: 0 } },
    deadlineMs: 3_600_000,
    ttlMs: 3_600_000,
    gathers: true,
  },
  maxItems: ITEMS,
  perJob: undefined,
} as const;
const site = { world, log, store, blobs: undefined, settings };

const splitter: Splitter = {
  repeatable: false,
  open: () => async cursor => {
    const from = typeof cursor === 'number' ? cursor : 0;
    const to = Math.min(ITEMS, from + PAGE);
    const items = Array.from({ length: to - from }, (_, at) => ({ page: from + at }));
    return { items, cursor: to < ITEMS ? to : undefined };
  },
};
let gathered = 0;
const body = Buffer.from('{"done":true}');
const answer = { status: 200, headers: ['content-type', 'application/json'], body };

for (const topic of [layout.facts, layout.splits, layout.gathers])
  await log.ensureTopic(topic, { partitions: FAN_OUT_PARTITIONS });
await log.ensureTopic(layout.items, { partitions: 6 });
const letters = (group: string) => () => createDeadLetters(world, log, group);
const fanOut = await runFanOut({
  site,
  observer: { trouble: (_, error) => console.error(error), superseded() {}, jumped() {}, refused() {} },
  run: createOutboxHandler({
    site,
    itemLetters: letters(layout.items),
    splitLetters: letters(layout.splits),
    announce: async () => {},
    ended() {},
  }),
});
const common: Omit<DispatchSettings, 'group' | 'topic'> = {
  order: 'key',
  concurrency: CONCURRENCY,
  retry: { attempts: 3, backoff: 'exponential', initial: 100, max: 1_000 },
  delay: 0,
  onExhausted: 'skip',
  parking: { maxKeys: 10_000, maxSize: 1e9 },
  deadLetterRetention: 3_600_000,
  from: 'earliest',
  priority: 5,
  paused: false,
};
const consumers: readonly (readonly [string, ConsumerHandlers])[] = [
  [
    layout.splits,
    { destination: createSplitDestination(site, splitter), deadLettered: each => splitDeadLettered(site, each) },
  ],
  [
    layout.items,
    {
      destination: createItemsDestination({
        site,
        watch: createJobWatch(site),
        inner: { label: 'nothing', deliver: async items => items.map(() => ({ kind: 'done', answer })) },
        later: false,
      }),
      deadLettered: each => itemDeadLettered(site, each),
    },
  ],
  [
    layout.gathers,
    {
      destination: createGatherDestination({
        site,
        timeoutMs: 300_000,
        caller: {
          label: 'gather',
          async call({ stream }) {
            let lines = 0;
            for await (const chunk of stream ?? []) for (const byte of chunk) if (byte === 0x0a) lines++;
            // The job and the end have lines of their own.
            gathered = lines - 2;
            return answer;
          },
        },
      }),
      deadLettered: each => gatherDeadLettered(site, each),
    },
  ],
];
const dispatchers = [];
const batch = { size: BATCH, wait: 10, maxSize: 2 ** 20 };
for (const [topic, { destination, deadLettered }] of consumers) {
  const inBatches = topic === layout.items && BATCH > 1 ? { batch } : {};
  const settings = { ...common, ...inBatches, group: topic, topic };
  dispatchers.push(await startDispatcher({ world, log, settings, destination, deadLettered }));
}

let peak = 0;
const look = () => {
  peak = Math.max(peak, process.memoryUsage.rss());
};
const sampler = setInterval(look, 50);
const idle = process.memoryUsage.rss();
const begun = performance.now();
const cpu = process.cpuUsage();
const event = {
  ce_specversion: '1.0',
  ce_id: '1',
  ce_source: '/bench',
  ce_type: 'bench',
  'content-type': 'application/json',
};
await log.append(layout.facts, [toFactRecord(NONCE, 0, { kind: 'start', owner: '' }, Buffer.from('{}'), event)]);
let worked = 0;
for (;;) {
  await new Promise(resolve => setTimeout(resolve, 20));
  const row = await store.row(layout.scopeOf(0), JOBS_TABLE, NONCE);
  const job = row && decodeFanOutJob(row.value);
  if (job?.state === 'gathering' && worked === 0) worked = performance.now() - begun;
  if (job?.state === 'failed' || job?.state === 'expired') throw new Error(JSON.stringify(job));
  if (job?.state === 'succeeded') break;
}
const tookMs = performance.now() - begun;
const { user, system } = process.cpuUsage(cpu);
look();
clearInterval(sampler);
if (gathered !== ITEMS) throw new Error(`${gathered} results were gathered of ${ITEMS} items`);
const figures = {
  tookMs,
  workedMs: worked,
  cpuMs: (user + system) / 1000,
  peakMb: peak / 2 ** 20,
  idleMb: idle / 2 ** 20,
};
console.log(JSON.stringify(figures));
await fanOut.close(1_000);
await Promise.all(dispatchers.map(each => each.close(1_000)));
await store.close();
await log.close();
await database.close();
