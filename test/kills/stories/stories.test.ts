// The story of an event is true after the process that delivered it was killed: all of it comes
// from the log.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ConsumerStory } from '../../../admin/story-view.ts';
import { parkingLogTopicOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { openKafkaEventLog } from '../../../drivers/event-log/kafka/kafka-event-log.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createDeadLetterControl } from '../../../server/events/control/dead-letter-control.ts';
import { createStories } from '../../../server/events/stories/stories.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import { newName } from '../../contract/event-log/subject.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { fakeResource } from '../../fakes/platform-view.ts';
import { kafka } from '../../services/kafka.ts';
import { findService } from '../../services/service.ts';
import { consumerPlan, early, late } from './consumers.ts';

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
const { signal } = new AbortController();
/** Only Views and Pipelines have state there. */
const noStore = { position: assert.fail, row: assert.fail, scan: assert.fail };

interface Driver {
  readonly name: 'sqlite' | 'kafka';
  /** The log's file or brokers. */
  place(): string;
  open(): Promise<EventLog>;
  remove(): void;
}

function killedIn({ name, place, open, remove }: Driver): void {
  describe(`the story of an event after kill -9, ${name}`, () => {
    let topic: string;
    let log: EventLog;
    before(async () => {
      topic = newName('orders');
      const worker = fork(WORKER, [name, place(), topic], {
        execArgv: ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'],
      });
      const exited = once(worker, 'exit');
      const [said] = await Promise.race([once(worker, 'message'), exited]);
      assert.equal(said, 'settled');
      worker.kill('SIGKILL');
      await exited;
      log = await open();
    });
    after(async () => {
      await log?.close();
      remove();
    });

    const plans = () => [...early(topic), late(topic), consumerPlan('never', topic)];
    const tell = async (id: string) => {
      const owners = plans().map(plan => ({ name: nameOfConsumer(plan), group: plan.settings.group }));
      const stories = createStories({
        world: realWorld,
        log,
        letters: createDeadLetterControl(realWorld, log, () => owners),
        store: noStore,
        consumers: plans,
        views: { views: [] },
        pipelines: { pipelines: [] },
        resources: () => createResourceSet([fakeResource('Topic', 'orders', { spec: { kafka: { topic } } } as object)]),
      });
      const { event, consumers, because } = await stories.tell('default', 'orders', id, {}, signal);
      const of = (name: string): Omit<ConsumerStory, 'consumer'> => {
        const {
          consumer: _,
          since: _2,
          nextAttemptAt: _3,
          because: _4,
          ...rest
        } = consumers.find(({ consumer }) => consumer.name === name) ?? assert.fail(name);
        return rest;
      };
      const why = (name: string) =>
        consumers.find(({ consumer }) => consumer.name === name)?.because?.replace(/at \S+Z/, 'at TIME');
      return { event, of, why, because, fates: consumers.map(({ consumer, fate }) => `${consumer.name} ${fate}`) };
    };

    it('says who has handled it, and who has not begun or not reached it', async () => {
      const { event, of, fates } = await tell('0-1');
      assert.equal(event.id, 'e1');
      assert.deepEqual(fates, ['wall done', 'strict done', 'idle waiting', 'late done', 'never waiting']);
      assert.deepEqual(of('wall'), { fate: 'done' });
      assert.deepEqual(of('idle'), { fate: 'waiting', ahead: 1 });
      assert.match(of('late').note ?? '', /began to read after it/);
      assert.match(of('never').note ?? '', /not begun/);
    });

    it('says who leaves it out', async () => {
      const { of } = await tell('0-0');
      assert.deepEqual([of('wall'), of('strict')], [{ fate: 'filtered' }, { fate: 'done' }]);
    });

    it('says where it waits for another attempt, and what waits behind it', async () => {
      const { of } = await tell('0-2');
      const error = { error: 'no price', status: 500 };
      assert.deepEqual(of('wall'), { fate: 'parked', attempts: 1, ...error });
      assert.deepEqual((await tell('0-3')).of('wall'), { fate: 'parked', attempts: 0, behind: '0-2' });
    });

    it('says why it waits', async () => {
      const failed = 'failed 1 time, last with "no price", and is tried again at TIME.';
      assert.equal((await tell('0-2')).why('wall'), `It ${failed}`);
      const { why, because } = await tell('0-3');
      assert.equal(why('wall'), `It waits behind 0-2 of its key, which ${failed}`);
      assert.match(because ?? '', /^Subscription wall: It waits behind 0-2/);
      const held = (await tell('0-4')).why('strict') ?? '';
      assert.match(held, /^It was given up \(refused, last with "no such cup"\); the key waits/);
      assert.equal((await tell('0-1')).why('idle'), 'It waits behind at most 1 event of its partition.');
    });

    it('says who has given it up, and whose key waits for a person', async () => {
      const { of } = await tell('0-4');
      const refused = { reason: 'refused', attempts: 1, error: 'no such cup', status: 422 };
      assert.deepEqual(of('wall'), { fate: 'dead', ...refused });
      assert.deepEqual(of('strict'), { fate: 'held', ...refused });
      const { fate, reason } = (await tell('0-5')).of('wall');
      assert.deepEqual([fate, reason], ['dead', 'filter']);
    });

    it('refuses an event that is not there', async () => {
      await assert.rejects(tell('0-9'), { code: 'not-found' });
      await assert.rejects(tell('7-0'), { code: 'not-found' });
      await assert.rejects(tell('e1'), { code: 'bad-request' });
    });

    it('does not know what a later release has written, and tells the rest', async () => {
      const parkingLog = parkingLogTopicOf(early(topic)[0]?.settings.group ?? '');
      await log.append(parkingLog, [{ key: null, partition: 0, headers: {}, value: Buffer.from('{"v":2}\n') }]);
      const { of, fates } = await tell('0-1');
      assert.deepEqual(fates.slice(0, 2), ['wall unknown', 'strict done']);
      assert.match(of('wall').note ?? '', /later release/);
    });
  });
}

const folder = temporaryFolder();
killedIn({ name: 'sqlite', place: () => folder.file, open: () => openLog(folder.file), remove: folder.remove });

const service = findService(kafka);
if (service)
  killedIn({
    name: 'kafka',
    place: service.url,
    remove() {},
    open: async () => openKafkaEventLog({ world: realWorld, connection: { brokers: service.url().split(',') } }),
  });
