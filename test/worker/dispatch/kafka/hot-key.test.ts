// F39: half of all events are of one key, whose calls take long, over a real Kafka: all other keys
// go on, and what waits of it takes a bounded part of the memory.
import assert from 'node:assert/strict';
import { kafka } from '../../../services/kafka.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { MINUTE, numberedRecord, openSmallWorker, type SmallWorker } from './small-worker.ts';

const HOT = 'hot';
const KEYS = 100;
/** Of the hot key, and as many of all others together. */
const HALF = 2000;
/** Of the hot key alone, behind those: more bytes than the heap has. */
const MORE = 4000;
const [SMALL, LARGE] = [Buffer.alloc(1000, 'x'), Buffer.alloc(20_000, 'x')];
const PARTITIONS = 3;
/**
 * May wait aside, a third of it in each partition: room for the small ones of the hot key,
 * and not for the large ones.
 */
const PARKED_MB = 24;
/** As where a backlog is worked off, and what waits aside. */
const MAX_RSS_MB = 256 + PARKED_MB;

const log = findService(kafka);
const store = findService(redis);

if (log && store)
  describe('a hot key with half of all events, over Kafka', () => {
    const numbers = new Map<string, number>();
    let worker: SmallWorker;
    let letGo: () => void;
    const recordOf = (key: string, value: Buffer) => {
      const number = numbers.get(key) ?? 0;
      numbers.set(key, number + 1);
      return numberedRecord(key, number, value);
    };
    const publish = async (keys: readonly string[], value: Buffer) => {
      for (let from = 0; from < keys.length; from += 500)
        await worker.append(keys.slice(from, from + 500).map(key => recordOf(key, value)));
    };
    const isFull = async () =>
      /^tenfold_consumer_full\{[^}]*name="all"[^}]*\} 1$/m.test(await (await worker.process.admin('/metrics')).text());

    before(async () => {
      worker = await openSmallWorker({
        kafka: log.url(),
        redis: store.url(),
        name: 'hot',
        partitions: PARTITIONS,
        subscription: `  concurrency: 32\n  parking: { maxSize: ${PARKED_MB}Mi }`,
        timeout: '10m',
        withinMs: 5 * MINUTE,
      });
      letGo = worker.target.hold(HOT);
      const keys = Array.from({ length: 2 * HALF }, (_, at) => (at % 2 === 0 ? HOT : `k${(at >> 1) % KEYS}`));
      await publish(keys, SMALL);
      await worker.start();
    });
    after(() => worker?.close());

    it('holds up no other key, though not one of its events is done', async () => {
      await worker.until(() => worker.target.handled === HALF, 'all others are done');
      assert.equal(worker.target.of(HOT), 0);
    });

    it('takes no more memory than may wait aside: then nothing more is read, which is told', async () => {
      await publish(
        Array.from({ length: MORE }, () => HOT),
        LARGE,
      );
      await worker.until(isFull, 'it says that so much waits');
      assert.equal(worker.target.of(HOT), 0);
    });

    it('is delivered in order and once when its calls are answered, and others go on beside it', async () => {
      letGo();
      await publish(
        Array.from({ length: KEYS }, (_, key) => `k${key}`),
        SMALL,
      );
      const all = 2 * HALF + MORE + KEYS;
      await worker.until(() => worker.target.handled === all, 'all is done');
      assert.deepEqual([worker.target.wrong, worker.target.repeats], [[], 0]);
      await worker.untilCommitted();
      const most = worker.memory('VmHWM');
      assert.ok(most <= MAX_RSS_MB, `${most} MB`);
      assert.equal(await worker.process.end('SIGTERM'), 0);
    });
  });
