// F12: what an earlier release has left in Kafka is read, and gone on with: records, which topic of
// a name is which, commits, parking logs, dead letters.
import assert from 'node:assert/strict';
import { deadTopicOf } from '../../core/names.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import type { DeliveryItem, Outcome } from '../../worker/deliver/destination.ts';
import { readLetter } from '../../worker/dispatch/dead-letters/read-letter.ts';
import { record, textOf } from '../contract/event-log/subject.ts';
import { createClients } from '../drivers/event-log/kafka/kafka-cases.ts';
import { eventually } from '../eventually.ts';
import { kafka } from '../services/kafka.ts';
import { findService } from '../services/service.ts';
import { done, fail } from '../worker/dispatch/harness.ts';
import { createHandled, dispatch } from '../worker/dispatch/kafka/cases.ts';
import { fixtureOf } from './fixture.ts';
import { dumpKafka, loadKafka } from './kafka-image.ts';

const RELEASES = ['0.1'];
/** Of all names: Kafka may be shared with other tests. */
const PREFIX = 'upgrade-test.';
const [TOPIC, GROUP, EPOCHS] = [`${PREFIX}orders`, `${PREFIX}notes`, `${PREFIX}epochs`];
const RETRY = { attempts: 1000, backoff: 'constant', initial: 200, max: 200 } as const;
/** `b1` fails, so that it waits aside with what is behind it; `c1` is given up. */
const EVENTS = ['a1', 'b1', 'a2', 'c1', 'b2', 'c2', 'b3'];

const service = findService(kafka);
if (service)
  for (const release of RELEASES)
    describe(`what release ${release} has left in Kafka`, () => {
      const clients = createClients();
      const brokers = () => service.url().split(',');
      const open = () =>
        clients.open(brokers(), { topics: { epochs: EPOCHS }, requestTimeoutMs: 10_000, deliveryTimeoutMs: 30_000 });
      const publish = async (log: EventLog, texts: readonly string[]) => {
        for (const text of texts)
          await log.append(TOPIC, [record(text.slice(0, 1), text, { headers: { ce_id: text } })]);
      };
      const start = async (log: EventLog, script: (item: DeliveryItem, text: string) => Outcome) => {
        const handled = createHandled();
        const dispatcher = await dispatch(log, handled, { group: GROUP, topic: TOPIC, retry: RETRY }, script);
        return { handled, dispatcher };
      };
      const clear = async () => {
        const log = open();
        const mine = async () => (await log.topics()).filter(({ name }) => name.startsWith(PREFIX));
        for (const { name } of await mine()) await log.deleteTopic(name);
        await eventually(async () => (await mine()).length === 0, 'nothing is there');
      };
      beforeEach(clear);
      afterEach(async () => {
        await clear();
        await clients.closeAll();
      });

      /** Until `b1` has failed and `c1` is dead-lettered, and all that could be done is. */
      const live = async () => {
        const log = open();
        await log.ensureTopic(TOPIC, { partitions: 2 });
        await publish(log, EVENTS);
        const { handled, dispatcher } = await start(log, (_, text) =>
          text === 'b1' ? fail() : text === 'c1' ? fail({ retryable: false }) : done,
        );
        const isDone = () =>
          handled.count() === 3 && handled.deadLettered.length === 1 && dispatcher.view.parkedEvents === 3;
        await eventually(isDone, 'what can be done is');
        await dispatcher.close(5000);
        return dumpKafka(brokers(), PREFIX, [[GROUP, TOPIC]]);
      };

      it('is read, and gone on with', async () => {
        const left = await fixtureOf(release, 'kafka', live);
        await clear();
        await loadKafka(brokers(), left);
        const log = open();

        const read: string[] = [];
        for (const partition of [0, 1]) {
          const { records } = await log.read(TOPIC, partition, 0, { maxRecords: 100, maxBytes: 1 << 20 });
          for (const each of records) {
            assert.deepEqual([each.key, each.headers], [textOf(each).slice(0, 1), { ce_id: textOf(each) }]);
            read.push(textOf(each));
          }
        }
        assert.deepEqual(read.toSorted(), EVENTS.toSorted());
        const ends = (await log.bounds(TOPIC))?.map(({ end }) => end);
        const positions = await log.positions(GROUP, TOPIC);
        assert.deepEqual(
          positions.map(position => position?.offset),
          ends,
          'all is done, or waits in the parking log',
        );

        await publish(log, ['b4', 'a3']);
        const attempts = new Map<string, number>();
        const { handled, dispatcher } = await start(log, ({ attempt }, text) => {
          attempts.set(text, attempt);
          return done;
        });
        await eventually(() => handled.count() >= 5, 'what waited is delivered');
        assert.deepEqual(Object.fromEntries(handled.byKey), { a: ['a3'], b: ['b1', 'b2', 'b3', 'b4'] });
        assert.ok((attempts.get('b1') ?? 0) > 1, `attempt ${attempts.get('b1')}`);
        assert.deepEqual([attempts.get('b2'), attempts.get('b4')], [1, 1]);
        await dispatcher.close(5000);

        const dead = deadTopicOf(GROUP);
        const partition = (await log.bounds(dead))?.findIndex(({ end }) => end > 0) ?? -1;
        const letter = await readLetter(log, dead, partition, 0);
        assert.ok(letter);
        assert.deepEqual(
          [textOf(letter.record), letter.record.key, letter.attempts, letter.held, letter.error?.message],
          ['c1', 'c', 1, false, 'no'],
        );
      });
    });
