// The process that is killed: the log on SQLite, a dispatcher over it, and a function behind HTTP.
import { pathToFileURL } from 'node:url';
import { realWorld } from '../../core/world.ts';
import { createSqliteEventLog } from '../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../drivers/sqlite/open-database.ts';
import type { DeliveryItem, Destination, Outcome } from '../../worker/deliver/destination.ts';
import { createDeadLetters } from '../../worker/dispatch/dead-letters/dead-letters.ts';
import { startDispatcher } from '../../worker/dispatch/dispatcher.ts';
import {
  type Answer,
  ATTEMPTS,
  type Call,
  GROUP,
  type Order,
  PARTITIONS,
  type StoredEvent,
  TOPIC,
} from './protocol.ts';

const [, , file = '', url = '', threadFile = ''] = process.argv;
const LIMITS = { maxRecords: 10_000, maxBytes: 10_000_000 };

const database = await openDatabase({ world: realWorld, file, thread: pathToFileURL(threadFile) });
const log = await createSqliteEventLog({ world: realWorld, database });
await log.ensureTopic(TOPIC, { partitions: PARTITIONS });

const destination: Destination = {
  label: url,
  async deliver(items: readonly DeliveryItem[], signal) {
    const calls: Call[] = items.map(({ partition, record, attempt }) => {
      return { partition, offset: record.offset, key: record.key ?? '', attempt };
    });
    try {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(calls), signal });
      const statuses: number[] = JSON.parse(await response.text());
      return statuses.map(toOutcome);
    } catch (error) {
      return items.map(() => ({ kind: 'failed', retryable: true, error: { message: String(error) } }));
    }
  },
};

const dispatcher = await startDispatcher({
  world: realWorld,
  log,
  settings: {
    group: GROUP,
    topic: TOPIC,
    order: 'key',
    concurrency: 8,
    retry: { attempts: ATTEMPTS, backoff: 'constant', initial: 20, max: 20 },
    delay: 0,
    onExhausted: 'skip',
    parking: { maxKeys: 1_000, maxSize: 10_000_000 },
    deadLetterRetention: 3_600_000,
    from: 'earliest',
    priority: 0,
    paused: false,
  },
  destination,
  // Short, so that compaction, moves and trims are hit as well.
  limits: { commitEveryMs: 50, parkingLogRecords: 50, metadataBytes: 256 },
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
  if (order.kind === 'publish') {
    const records = order.events.map(({ id, key }) => ({ key, value: Buffer.from(id), headers: { ce_id: id } }));
    const places = await log.append(TOPIC, records);
    const events = order.events.map(({ id, key }, index) => ({
      id,
      key,
      ...(places[index] ?? { partition: -1, offset: -1 }),
    }));
    return { kind: 'published', events };
  }
  if (order.kind === 'read') {
    const events: StoredEvent[] = [];
    for (const [partition, from] of order.from.entries()) {
      const { records } = await log.read(TOPIC, partition, from, LIMITS);
      for (const { offset, key, value } of records) {
        events.push({ partition, offset, key: key ?? '', id: Buffer.from(value).toString() });
      }
    }
    return { kind: 'stored', events };
  }
  const { letters } = await createDeadLetters(realWorld, log, GROUP).list({}, 10_000);
  const dead = letters.map(({ partition, offset, attempts }) => ({ partition, offset, attempts }));
  const { view } = dispatcher;
  const owned = view.partitions.filter(({ state }) => state === 'running').length;
  const bounds = (await log.bounds(TOPIC)) ?? [];
  const positions = await log.positions(GROUP, TOPIC);
  const isCommitted = bounds.every(({ end }, partition) => (positions[partition]?.offset ?? 0) >= end);
  return { kind: 'seen', lag: owned === PARTITIONS ? view.lag : undefined, isCommitted, dead };
}

function toOutcome(status: number): Outcome {
  if (status < 300) return { kind: 'done' };
  return { kind: 'failed', retryable: status >= 500, error: { status, message: 'the function failed' } };
}
