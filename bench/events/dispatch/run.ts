// One run of a consumer over a log with a backlog, or with events that come at a pace;
// prints what it did as JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { childContext, formatTraceparent } from '../../../core/trace-context.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog, LogRecord, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import { readTracing } from '../../../server/tracing/settings.ts';
import { startTracing } from '../../../server/tracing/start-tracing.ts';
import { withSpans } from '../../../worker/deliver/with-spans.ts';
import { startDispatcher } from '../../../worker/dispatch/dispatcher.ts';
import { silentObserver } from '../../../worker/dispatch/observer.ts';
import { cpuMsOf } from '../../measure/proc.ts';
import { createHttpDestination } from './http-destination.ts';
import { runKafkajsLoop } from './kafkajs-loop.ts';

interface Options {
  /** `plain`: the same client in a loop, without order, attempts or commits. */
  readonly consumer: 'dispatcher' | 'plain' | 'kafkajs';
  /** Brokers of Kafka, in place of the embedded log. */
  readonly brokers?: readonly string[];
  /** The process whose CPU is reported, too. */
  readonly brokerPid?: number;
  readonly events: number;
  /** So many are worked off before anything is measured, until what is compiled is compiled. */
  readonly warm?: number;
  /** Share of the events whose first attempt fails. */
  readonly failing: number;
  /** Whether all events of one key fail always. */
  readonly poisoned: boolean;
  /** Events a second; 0: all are there when it starts. */
  readonly pace: number;
  readonly url: string;
  /** `sampling`: the share of the events whose publication was sampled. */
  readonly tracing?: { readonly collector: string; readonly sampling: number };
}

const options: Options = JSON.parse(process.argv[2] ?? '{}');
const KEYS = 10_000;
const PARTITIONS = 6;
const CONCURRENCY = 64;
const world = realWorld;
const value = Buffer.from(JSON.stringify({ orderId: '0193f3a2-17', table: 7, items: 'x'.repeat(200 - 54) }));

async function openLog(): Promise<EventLog> {
  if (options.brokers) return openKafkaEventLog({ world, connection: { brokers: options.brokers } });
  const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const thread = pathToFileURL(join(import.meta.dirname, '../../../drivers/sqlite/thread-main.ts'));
  const database = await openDatabase({ world, file: join(folder, 'log.db'), thread });
  return createSqliteEventLog({ world, database });
}
const log = await openLog();
await log.ensureTopic('t', { partitions: PARTITIONS });

const isPoisoned = (number: number) => options.poisoned && number % KEYS === 17;
const isFailing = (number: number) => options.failing > 0 && number % Math.round(1 / options.failing) === 3;
const sampledEach = Math.round(1 / (options.tracing?.sampling ?? 1));
function traceparentOf(number: number): string {
  const flags = options.tracing && number % sampledEach === 0 ? '01' : '00';
  return formatTraceparent({ ...childContext(undefined), flags });
}
const recordOf = (number: number): NewRecord => ({
  key: `key-${number % KEYS}`,
  value,
  headers: {
    ce_specversion: '1.0',
    ce_id: String(number),
    ce_source: '/bench',
    ce_type: 'OrderCreated',
    'content-type': 'application/json',
    traceparent: traceparentOf(number),
    ...(isPoisoned(number) ? { ce_fail: 'always' } : isFailing(number) ? { ce_fail: 'once' } : {}),
  },
});
async function publish(from: number, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, index) => recordOf(from + index));
  for (let at = 0; at < count; at += 2000) await log.append('t', records.slice(at, at + 2000));
}
const expected = Array.from({ length: options.events }, (_, number) => number).filter(n => !isPoisoned(n)).length;
if (options.pace === 0) await publish(0, options.events);

const plainDestination = createHttpDestination(options.url);
const { tracing } = options.tracing
  ? readTracing(
      { endpoint: options.tracing.collector, sampling: options.tracing.sampling, slow: 5000, wait: 60_000 },
      {},
      'worker',
    )
  : { tracing: undefined };
const tracer = startTracing({
  world,
  settings: tracing,
  instance: 'bench',
  messagingSystem: 'tenfold',
  log: ({ message, fields }) => console.error(message, fields),
})?.tracer;
const facts = { topic: 't', group: 'g', consumer: 'Subscription/default/bench' };
const destination = tracer ? withSpans(plainDestination, tracer, facts) : plainDestination;

const handled = Promise.withResolvers<void>();
const latencies: number[] = [];
/** Of the events before anything is measured: the process still starts and compiles. */
const firstLatencies: number[] = [];
let done = 0;
const note = (record?: LogRecord) => {
  if (record && options.pace > 0 && record.headers['ce_fail'] === undefined)
    (done < (options.warm ?? 0) ? firstLatencies : latencies).push(Date.now() - record.timestamp);
  done++;
  if (done === options.warm) mark();
  if (done === expected) handled.resolve();
};

const brokerMs = () => (options.brokerPid === undefined ? 0 : cpuMsOf(options.brokerPid));
let brokerBefore = 0;
let before = process.cpuUsage();
let started = performance.now();
function mark(): void {
  brokerBefore = brokerMs();
  before = process.cpuUsage();
  started = performance.now();
}
mark();
if (options.consumer === 'plain') void plain();
else if (options.consumer === 'kafkajs') {
  const brokers = options.brokers ?? [];
  await runKafkajsLoop({ brokers, topic: 't', url: options.url, concurrency: CONCURRENCY, handled: () => note() });
} else {
  await startDispatcher({
    world,
    log,
    settings: {
      group: 'g',
      topic: 't',
      order: 'key',
      concurrency: CONCURRENCY,
      retry: { attempts: 1000, backoff: 'constant', initial: 200, max: 200 },
      delay: 0,
      onExhausted: 'skip',
      parking: { maxKeys: 10_000, maxSize: 1 << 30 },
      deadLetterRetention: 86_400_000,
      from: 'earliest',
      priority: 5,
      paused: false,
    },
    destination,
    observer: {
      ...silentObserver,
      attempted(record, _attempt, outcome) {
        if (outcome.kind === 'done') note(record);
      },
    },
  });
}
if (options.pace > 0) {
  const begin = performance.now();
  for (let sent = 0; sent < options.events; ) {
    const due = Math.min(options.events, Math.floor(((performance.now() - begin) / 1000) * options.pace));
    if (due > sent) await publish(sent, due - sent);
    sent = Math.max(sent, due);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
await handled.promise;
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
const measured = expected - (options.warm ?? 0);
function p99Of(all: number[]): number {
  return all.sort((a, b) => a - b)[Math.floor(all.length * 0.99)] ?? 0;
}
console.log(
  JSON.stringify({
    rate: measured / seconds,
    cpuUs: (user + system) / measured,
    brokerUs: ((brokerMs() - brokerBefore) * 1000) / measured,
    p99: p99Of(latencies),
    firstP99: p99Of(firstLatencies),
  }),
);
process.exit(0);

/**
 * Reads the partitions in turn and keeps as many calls in flight; a failed
 * event is simply called again.
 */
async function plain(): Promise<void> {
  const signal = new AbortController().signal;
  const waiting: LogRecord[] = [];
  const next = new Array<number>(PARTITIONS).fill(0);
  const refill = async () => {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const limits = { maxRecords: 500, maxBytes: 1 << 20 };
      const batch = await log.read('t', partition, next[partition] ?? 0, limits);
      next[partition] = batch.next;
      waiting.push(...batch.records);
    }
  };
  let filling: Promise<void> | undefined;
  const work = async () => {
    for (;;) {
      const record = waiting.pop();
      if (record === undefined) {
        filling ??= refill().finally(() => {
          filling = undefined;
        });
        await filling;
        if (waiting.length === 0) return;
        continue;
      }
      for (let attempt = 1; ; attempt++) {
        const [outcome] = await destination.deliver([{ partition: 0, record, attempt }], signal);
        if (outcome?.kind === 'done') break;
      }
      note(record);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}
