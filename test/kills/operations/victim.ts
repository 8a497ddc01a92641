// The process that is killed: log and store on SQLite, a dispatcher that gives up every event at
// first, and the operations of a worker.
import { appendFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { soleIncarnation } from '../../../core/incarnation.ts';
import { realWorld } from '../../../core/world.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import { openSqliteStore } from '../../../drivers/store/sqlite/sqlite-store.ts';
import { createLetterTarget } from '../../../server/events/operations/letter-target.ts';
import { createOperations } from '../../../server/events/operations/operations.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import { startDispatcher } from '../../../worker/dispatch/dispatcher.ts';
import {
  type Answer,
  CONSUMER,
  GROUP,
  GROUPS,
  KEYS,
  type Order,
  PARTITIONS,
  type Phase,
  RATE_SHARE,
  TOPIC,
} from './protocol.ts';

const [, , file = '', handledFile = '', threadFile = '', phase = ''] = process.argv;
const world = realWorld;
const database = await openDatabase({ world, file, thread: pathToFileURL(threadFile) });
const log = await createSqliteEventLog({ world, database });
const store = await openSqliteStore({ world, database });
await log.ensureTopic(TOPIC, { partitions: PARTITIONS });
const letters = createDeadLetters(world, log, GROUP);
const broken: Phase = 'broken';

const dispatcher = await startDispatcher({
  world,
  log,
  settings: {
    group: GROUP,
    topic: TOPIC,
    order: 'key',
    concurrency: 8,
    retry: { attempts: 3, backoff: 'constant', initial: 20, max: 20 },
    delay: 0,
    onExhausted: 'skip',
    parking: { maxKeys: 10_000, maxSize: 100_000_000 },
    deadLetterRetention: 3_600_000,
    from: 'earliest',
    priority: 0,
    paused: false,
  },
  destination: {
    label: 'victim',
    async deliver(items) {
      return items.map(({ partition, record }) => {
        const cause = String.fromCharCode(
          65 + Math.floor((record.offset % GROUPS) / 26),
          65 + ((record.offset % GROUPS) % 26),
        );
        if (phase === broken)
          return { kind: 'failed', retryable: false, error: { status: 400, message: `cause ${cause}` } };
        appendFileSync(handledFile, `${partition} ${record.key} ${record.offset}\n`);
        return { kind: 'done' };
      });
    },
  },
});

const operations = createOperations({
  world,
  works: phase !== broken,
  storage: { log, store },
  incarnation: soleIncarnation(world.id()),
  log: () => {},
});
const target = createLetterTarget(() => ({ owner: { name: CONSUMER, group: GROUP }, letters }));
const control = operations.open(() => target);
operations.begin();

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
  if (order.kind === 'publish') {
    for (let from = 0; from < order.count; from += 1000) {
      const length = Math.min(1000, order.count - from);
      const records = Array.from({ length }, (_, index) => ({
        key: `k${(from + index) % KEYS}`,
        value: Buffer.from(String(from + index)),
        headers: {},
      }));
      await log.append(TOPIC, records);
    }
    return { kind: 'published' };
  }
  if (order.kind === 'begin') {
    const rate = Math.ceil(order.count / RATE_SHARE);
    const request = { action: 'redrive', consumer: CONSUMER, query: {}, rate } as const;
    const plan = await control.plan(request, new AbortController().signal);
    await control.start({ namespace: CONSUMER.namespace, id: plan.id }, plan.token, { by: 'test', from: 'test' });
    return { kind: 'begun', id: plan.id, total: plan.total, groups: plan.groups?.length ?? 0 };
  }
  if (order.kind === 'look') {
    const report =
      order.id === undefined ? undefined : await control.read({ namespace: CONSUMER.namespace, id: order.id });
    return { kind: 'seen', dead: await letters.count(), report, lag: dispatcher.view.lag };
  }
  const outcomes: Record<string, number> = {};
  const ids = new Set<string>();
  for (let after: string | undefined; ; ) {
    const page = await control.items(
      { namespace: CONSUMER.namespace, id: order.id },
      { limit: 1000, ...(after === undefined ? {} : { after }) },
    );
    for (const { id, outcome } of page.items) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      ids.add(id);
    }
    after = page.next;
    if (after === undefined) return { kind: 'results', outcomes, ids: ids.size };
  }
}
