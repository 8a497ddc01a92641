// Topics that take an event once: over real requests, and whatever dies, fails or is unknown
// between claim, append and note.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { realWorld, type World } from '../../../core/world.ts';
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import type { Keys } from '../../../drivers/store/store.ts';
import { createPublishOnce, type PublishOnce } from '../../../gateway/accept/publish-once.ts';
import { createAppender } from '../../../gateway/endpoints/appender.ts';
import { readAll } from '../../contract/event-log/subject.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { createFakeBlobs } from '../../fakes/fake-blobs.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeReminders } from '../../fakes/fake-reminders.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { type Served, serveEndpoints } from './serve-endpoints.ts';

const RESOURCES = `
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: orders }
spec: { partitions: 3, maxSize: 1Ki, claimCheck: { max: 1Mi }, deduplicate: { window: 1h } }
`;
const eventOf = (id: string, data: unknown = { total: 7 }) =>
  ({ specversion: '1.0', id, source: '/shop', type: 'OrderCreated', data }) as const;

describe('a topic that deduplicates', () => {
  const log = createFakeLog();
  let served: Served;
  before(async () => {
    served = await serveEndpoints(RESOURCES, log, { blobs: createFakeBlobs() });
  });
  after(() => served.close());
  const structured = { 'content-type': 'application/cloudevents+json' };
  const batched = { 'content-type': 'application/cloudevents-batch+json' };
  const count = () => log.recordsOf('default.orders').length;
  const publish = (event: object) => served.post('/topics/orders', JSON.stringify(event), structured);
  const positionOf = (answer: Response) => answer.headers.get('tenfold-position');

  it('answers a repeat as the first time, and appends nothing', async () => {
    const first = await publish({ ...eventOf('o-1'), time: '2026-01-01T00:00:00Z' });
    const before = count();
    const again = await publish({ ...eventOf('o-1'), time: '2026-01-01T00:00:09Z' });
    assert.deepEqual([first.status, again.status], [204, 204]);
    assert.equal(positionOf(again), positionOf(first));
    assert.equal(count(), before);
    assert.deepEqual(served.endpoints.published.list(), [{ namespace: 'default', name: 'orders', repeated: 1 }]);
  });

  it('refuses the same id with other data with 422', async () => {
    await publish(eventOf('o-2'));
    const before = count();
    const other = await publish(eventOf('o-2', { total: 8 }));
    assert.equal(other.status, 422);
    assert.match(((await other.json()) as { detail: string }).detail, /source and id/);
    assert.equal(count(), before);
  });

  it('takes the same id of another source, and events that have no id of their own', async () => {
    await publish(eventOf('o-3'));
    const before = count();
    await publish({ ...eventOf('o-3'), source: '/other' });
    for (let n = 0; n < 2; n++) assert.equal((await served.post('/topics/orders', '{"plain":true}')).status, 204);
    assert.equal(count(), before + 3);
  });

  it('takes of a batch what is new, with the places of all', async () => {
    const first = await publish(eventOf('b-1'));
    const before = count();
    const list = [eventOf('b-1'), eventOf('b-2'), eventOf('b-2'), eventOf('b-1', { total: 9 })];
    const answer = await served.post('/topics/orders', JSON.stringify(list), batched);
    assert.equal(answer.status, 207);
    const { results } = (await answer.json()) as { results: { id: string; status: number }[] };
    assert.deepEqual(
      results.map(({ id, status }) => [id, status]),
      [
        ['b-1', 204],
        ['b-2', 204],
        ['b-2', 204],
        ['b-1', 422],
      ],
    );
    assert.equal(count(), before + 1);
    assert.ok(positionOf(first));
  });

  it('takes two that come at the same time once', async () => {
    const before = count();
    const answers = await Promise.all(Array.from({ length: 8 }, () => publish(eventOf('c-1'))));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [204]);
    assert.equal(new Set(answers.map(positionOf)).size, 1);
    assert.equal(count(), before + 1);
  });

  it('keeps the data of a large event once', async () => {
    const large = { text: 'x'.repeat(5_000) };
    const before = count();
    const answers = [await publish(eventOf('l-1', large)), await publish(eventOf('l-1', large))];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [204, 204],
    );
    assert.equal(count(), before + 1);
  });
});

/** What happens to one publication. */
const FATES = [
  'well',
  'the store fails before the claim',
  'the store fails after the claim',
  'dies after the claim',
  'the log refuses',
  'the log fails, nothing is there',
  'the log fails, it is there',
  'dies after the append',
] as const;
type Fate = (typeof FATES)[number];

describe('publishing once, whatever fails', () => {
  const folder = temporaryFolder();
  let log: EventLog;
  let runs = 0;
  before(async () => {
    log = await openLog(folder.file);
  });
  after(async () => {
    await log.close();
    folder.remove();
  });

  it('has each event that was accepted in the log once, at the place that was answered', async () => {
    const one = fc.record({
      id: fc.integer({ min: 0, max: 2 }),
      gateway: fc.integer({ min: 0, max: 1 }),
      fate: fc.constantFrom(...FATES),
      forgets: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 2, maxLength: 12 }), async list => {
        const topic = `orders-${++runs}`;
        await log.ensureTopic(topic, { partitions: 3 });
        const site = createSite(realWorld, log, topic);
        const answered = new Map<number, string>();
        const answer = (id: number, place: string) => {
          assert.equal(answered.get(id) ?? place, place, `event ${id} has two places`);
          answered.set(id, place);
        };
        // The client goes on until it has an answer.
        const takeAll = async (gateway: number) => {
          for (const { id } of list) {
            const place = await site.publish(gateway, recordOf(id), 'well');
            assert.ok(place, `event ${id} is not taken`);
            answer(id, place);
          }
        };
        for (const { id, gateway, fate, forgets } of list) {
          const place = await site.publish(gateway, recordOf(id), fate);
          if (place !== undefined) answer(id, place);
          if (!forgets) continue;
          await takeAll(1 - gateway);
          await site.forget(gateway);
        }
        await takeAll(0);
        const found: string[] = [];
        for (let partition = 0; partition < 3; partition++) {
          for (const each of await readAll(log, topic, partition)) {
            found.push(each.headers['ce_id'] ?? '');
            assert.equal(answered.get(Number(each.headers['ce_id'])), `${partition}:${each.offset}`);
          }
        }
        assert.deepEqual(found.sort(), [...answered.keys()].map(String).sort());
      }),
      { numRuns: 60 },
    );
  });
});

function recordOf(id: number): NewRecord {
  return id === 2
    ? { ...toRecord(eventOf(String(id)), null), spread: `spread ${id}` }
    : toRecord(eventOf(String(id)), `key ${id}`);
}

/** Two gateways over one store and one log; one that dies is another one from then on. */
function createSite(world: World, log: EventLog, topic: string) {
  const fake = createFakeStore(realWorld);
  const dead = new Set<string>();
  const gateways: { incarnation: string; once: PublishOnce; fate: Fate; remind(): Promise<void> }[] = [];
  let started = 0;
  const failed = (code: 'store-unavailable' | 'log-unavailable' | 'overloaded') => new TenfoldError(code, 'It fails.');
  const never = new Promise<never>(() => {});
  const start = () => {
    const incarnation = `incarnation ${++started}`;
    const { reminders, remind } = createFakeReminders();
    const self = { incarnation, remind, fate: 'well' as Fate };
    const store: Keys = {
      ...fake,
      async put(scope, key, value, options) {
        if (dead.has(incarnation)) return never;
        const isClaim = !String(value).includes('"place"') && !String(value).includes('"unknown"');
        if (isClaim && self.fate === 'the store fails before the claim') throw failed('store-unavailable');
        const outcome = await fake.put(scope, key, value, options);
        if (isClaim && self.fate === 'the store fails after the claim') throw failed('store-unavailable');
        if (isClaim && self.fate === 'dies after the claim') dead.add(incarnation);
        return dead.has(incarnation) ? never : outcome;
      },
    };
    const append: EventLog['append'] = async (name, records) => {
      if (self.fate === 'the log refuses') throw failed('overloaded');
      if (self.fate === 'the log fails, nothing is there') throw failed('log-unavailable');
      const places = await log.append(name, records);
      if (self.fate === 'the log fails, it is there') throw failed('log-unavailable');
      if (self.fate === 'dies after the append') dead.add(incarnation);
      return dead.has(incarnation) ? never : places;
    };
    const once = createPublishOnce({
      world,
      store,
      log,
      appender: createAppender(world, { append }),
      incarnation: { id: incarnation, isOver: async other => dead.has(other) },
      reminders,
      namespace: 'default',
      name: 'orders',
      topic,
      windowMs: 3_600_000,
    });
    return Object.assign(self, { once });
  };
  return {
    /** A gateway dies, and the store forgets all; the other one reminds it. */
    async forget(index: number) {
      dead.add(gateways[index]?.incarnation ?? '');
      fake.entries.clear();
      await gateways[1 - index]?.remind();
    },
    /** Where the event stands; undefined when that was not answered. */
    async publish(index: number, record: NewRecord, fate: Fate): Promise<string | undefined> {
      let gateway = gateways[index];
      if (gateway === undefined || dead.has(gateway.incarnation)) {
        gateway = start();
        gateways[index] = gateway;
      }
      gateway.fate = fate;
      const { incarnation } = gateway;
      const answer = gateway.once.publish([record]).then(
        ([published]) => published,
        () => undefined,
      );
      let isOver = false;
      const died = async () => {
        while (!dead.has(incarnation) && !isOver) await new Promise(resolve => setTimeout(resolve, 1));
        return undefined;
      };
      const published = await Promise.race([answer, died()]);
      isOver = true;
      gateway.fate = 'well';
      return published && 'at' in published ? `${published.at.partition}:${published.at.offset}` : undefined;
    },
  };
}
