// F10: a worker whose heap is small works off a backlog that would not go into it, over a real
// Kafka, from a function that is away, then slow, then quick.
// At night (TENFOLD_NIGHTLY) with a million events, which takes some minutes.
import assert from 'node:assert/strict';
import { kafka } from '../../../services/kafka.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { HEAP_MB, MINUTE, numberedRecord, openSmallWorker, type SmallWorker } from './small-worker.ts';

const isNight = process.env['TENFOLD_NIGHTLY'] !== undefined;
const EVENTS = isNight ? 1_000_000 : 60_000;
const KEYS = 1000;
/** Their events are parked, all of them, until everything else is done. */
const FAILING = 10;
const PARTITIONS = 6;
/**
 * At night ten thousand events are parked at a time, of some 2.5 KB of heap each beside their
 * bytes, with 47 MB of everything else.
 */
const HEAP = isNight ? 112 : HEAP_MB;
/**
 * All of them are four times as many bytes as the heap has, at night eighteen times, without what
 * each event costs beside its own.
 */
const VALUE = Buffer.alloc(isNight ? 2000 : 4000, 'x');
/**
 * Of the whole process: the heap, buffers outside of it, what Node itself takes, and what is
 * parked, which is ten thousand events at night.
 */
const MAX_RSS_MB = isNight ? 320 : 256;
/** On a machine that is ten times as slow, too. */
const WITHIN_MS = 20 * MINUTE * (EVENTS / 100_000);

const log = findService(kafka);
const store = findService(redis);

if (log && store)
  describe(`a backlog of ${EVENTS.toLocaleString('en')} events, and a worker with a heap of ${HEAP} MB`, function () {
    this.timeout(WITHIN_MS);
    const rss: number[] = [];
    let worker: SmallWorker;
    let watching: NodeJS.Timeout;

    before(async () => {
      worker = await openSmallWorker({
        kafka: log.url(),
        redis: store.url(),
        name: 'backlog',
        partitions: PARTITIONS,
        heapMb: HEAP,
        subscription: '  concurrency: 64\n  retry: { attempts: 1000, backoff: constant, initial: 500ms, max: 1s }',
        withinMs: WITHIN_MS,
      });
      for (let key = 0; key < FAILING; key++) worker.target.failing.add(`k${key}`);
      const recordOf = (number: number) => numberedRecord(`k${number % KEYS}`, Math.floor(number / KEYS), VALUE);
      for (let from = 0; from < EVENTS; from += 5000)
        await worker.append(Array.from({ length: 5000 }, (_, index) => recordOf(from + index)));
      await worker.start();
      watching = setInterval(() => worker.isAlive() && rss.push(worker.memory('VmRSS')), 100);
    });
    after(async () => {
      clearInterval(watching);
      await worker?.close();
    });

    it('waits while the function is away, and goes on slowly while it is slow', async () => {
      worker.target.pace = 'away';
      await worker.until(() => worker.target.failed >= 20, 'the function is tried again');
      worker.target.pace = 'slow';
      await worker.until(() => worker.target.handled >= 1000, 'slow calls are answered');
    });

    it('does the rest when the function is quick; keys that fail hold up no others', async () => {
      worker.target.pace = 'quick';
      const others = ((KEYS - FAILING) * EVENTS) / KEYS;
      await worker.until(() => worker.target.handled === others, 'all but the keys that fail is done');
    });

    it('has delivered every event, those of each key in order, and says so in Kafka', async () => {
      worker.target.failing.clear();
      await worker.until(() => worker.target.handled === EVENTS, 'all is done');
      assert.deepEqual(worker.target.wrong, []);
      await worker.untilCommitted();
    });

    it(`never had more than ${MAX_RSS_MB} MB, and no more in the end than before`, async () => {
      const most = worker.memory('VmHWM');
      const quarter = (at: number) => medianOf(rss.slice((rss.length * at) / 4, (rss.length * (at + 1)) / 4));
      const [second, last] = [quarter(1), quarter(3)];
      assert.ok(most <= MAX_RSS_MB, `${most} MB`);
      assert.ok(last <= second * 1.5, `${second} MB in the second quarter, ${last} MB in the last`);
      assert.equal(await worker.process.end('SIGTERM'), 0);
    });
  });

function medianOf(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
