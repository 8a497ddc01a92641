// A worker over a log that is there already: delivers to a function over HTTP, and says on stdout
// when something happens. Bundled before it runs.
import { pathToFileURL } from 'node:url';
import { realWorld } from '../../../core/world.ts';
import type { NewRecord } from '../../../drivers/event-log/event-log.ts';
import { createSqliteEventLog } from '../../../drivers/event-log/sqlite/sqlite-event-log.ts';
import { openDatabase } from '../../../drivers/sqlite/open-database.ts';
import type { Destination, Outcome } from '../../../worker/deliver/destination.ts';
import { startDispatcher } from '../../../worker/dispatch/dispatcher.ts';
import { createHttpDestination } from '../dispatch/http-destination.ts';

const [task = '', file = '', thread = '', count = '0', url = ''] = process.argv.slice(2);
const events = Number(count);
const say = (what: string) => process.stdout.write(`${what} ${performance.timeOrigin + performance.now()}\n`);
const KEYS = 10_000;

const database = await openDatabase({ world: realWorld, file, thread: pathToFileURL(thread) });
const log = await createSqliteEventLog({ world: realWorld, database });
const value = Buffer.alloc(200, 'x');
// Where events are to be parked, every other one is handled: a target of which all calls fail is
// paused as a whole.
const keyOf = (number: number) =>
  task === 'fill-park' ? `${number % 2 === 0 ? 'fine' : 'bad'}-${number}` : `key-${number % KEYS}`;
const recordOf = (number: number): NewRecord => ({
  key: keyOf(number),
  value,
  headers: { ce_specversion: '1.0', ce_id: String(number), ce_source: '/bench', ce_type: 'OrderCreated' },
});

if (task.startsWith('fill')) {
  await log.ensureTopic('t', { partitions: 6 });
  for (let at = 0; at < events; at += 1000) {
    await log.append(
      't',
      Array.from({ length: Math.min(1000, events - at) }, (_, index) => recordOf(at + index)),
    );
  }
  await log.close();
  await database.close();
  process.exit(0);
}

const done: Destination = { label: 'function', deliver: async items => items.map(() => ({ kind: 'done' })) };
const destination = url === '' ? done : createHttpDestination(url);
say('start');
let seen = 0;
const failed: Outcome = { kind: 'failed', retryable: true, error: { message: 'not now' } };
const dispatcher = await startDispatcher({
  world: realWorld,
  log,
  settings: {
    group: 'g',
    topic: 't',
    order: 'key',
    concurrency: 64,
    // Failed events wait for longer than the run takes.
    retry: { attempts: 10, backoff: 'constant', initial: 3_600_000, max: 3_600_000 },
    delay: 0,
    onExhausted: 'skip',
    parking: { maxKeys: 20_000, maxSize: 1 << 30 },
    deadLetterRetention: 86_400_000,
    from: 'earliest',
    priority: 5,
    paused: false,
  },
  destination: {
    label: 'function',
    async deliver(items, signal) {
      if (seen === 0) say('first');
      const outcomes = items.every(({ record }) => record.key?.startsWith('bad-'))
        ? items.map(() => failed)
        : await destination.deliver(items, signal);
      seen += items.length;
      if (task === 'drain' && seen >= events) say('all');
      return outcomes;
    },
  },
});
const look = setInterval(() => {
  const { parkedKeys, lag, partitions } = dispatcher.view;
  if (task === 'park' && parkedKeys >= events) {
    say('parked');
    clearInterval(look);
  }
  if (task === 'replay' && parkedKeys >= events && partitions.every(({ state }) => state === 'running')) {
    say('replayed');
    clearInterval(look);
  }
  if (task === 'drain' && lag === 0 && seen >= events) {
    say('settled');
    clearInterval(look);
  }
}, 5);
process.on('SIGTERM', async () => {
  await dispatcher.close(1000);
  process.exit(0);
});
