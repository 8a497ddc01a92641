// F23, F24: what dispatchers tell a real Kafka in their commits is never more than it takes, and
// commits that are not theirs lead nowhere.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { parkingLogTopicOf } from '../../../../core/names.ts';
import { type EventLog, MAX_METADATA } from '../../../../drivers/event-log/event-log.ts';
import { parseCommit } from '../../../../worker/parking-log/commit.ts';
import { committedOffsetsOf } from '../../../../worker/parking-log/committed-offsets.ts';
import { newName } from '../../../contract/event-log/subject.ts';
import { createClients } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { eventually } from '../../../eventually.ts';
import { kafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { done, fail } from '../harness.ts';
import { createHandled, dispatch } from './cases.ts';

const service = findService(kafka);
if (service)
  describe('commits of dispatchers to Kafka', () => {
    const clients = createClients();
    const open = () => clients.open(service.url().split(','));
    let topic: string;
    let group: string;
    let log: EventLog;
    beforeEach(async () => {
      [topic, group] = [newName('topic'), newName('group')];
      log = open();
      await log.ensureTopic(topic, { partitions: 1 });
    });
    afterEach(() => clients.closeAll());

    const publish = async (texts: readonly string[]) => {
      for (let from = 0; from < texts.length; from += 5000)
        await log.append(
          topic,
          texts
            .slice(from, from + 5000)
            .map(text => ({ key: text.slice(0, -1), value: Buffer.from(text), headers: {} })),
        );
    };
    const position = async () => (await log.positions(group, topic))[0];

    it('F23: 50,000 keys done out of order: no commit is more than Kafka takes, reading stops, and what was told is not repeated after a crash', async () => {
      const count = 50_000;
      await publish(Array.from({ length: count }, (_, index) => `k${index}.1`));
      const handled = createHandled();
      // A third takes until its process dies, without an order that could be told in few bytes; the
      // others a moment, in which there are commits.
      const hangs = (offset: number) => createHash('sha256').update(String(offset)).digest().readUInt8(0) < 85;
      const never = new Promise<never>(() => {});
      const settings = { group, topic, concurrency: 30_000 };
      const first = clients.open(service.url().split(','), { sessionTimeoutMs: 30_000 });
      const dispatcher = await dispatch(first, handled, settings, async ({ record }) => {
        if (hangs(record.offset)) return never;
        await new Promise(resolve => setTimeout(resolve, 500));
        return done;
      });
      let committed = await position();
      const seen: string[] = [];
      // Nothing new for a while, as the third that hangs will not let it.
      await eventually(async () => {
        committed = await position();
        assert.ok(Buffer.byteLength(committed?.metadata ?? '') <= MAX_METADATA);
        seen.unshift(`${handled.attempts.size} ${handled.count()} ${committed?.metadata}`);
        await new Promise(resolve => setTimeout(resolve, 1000));
        return (committed?.metadata.length ?? 0) > 1000 && new Set(seen.slice(0, 4)).size === 1 && seen.length >= 4;
      }, 'reading stops');
      const { attempts } = handled;
      assert.ok(attempts.size < count, `${attempts.size} were tried`);
      assert.equal(dispatcher.view.partitions[0]?.state, 'running');
      const told = committedOffsetsOf(parseCommit(committed));
      const isTold = Array.from({ length: count }, (_, offset) => told.isDone(offset));
      const before = new Map(attempts);
      // As if it had died: it says no more to anybody.
      await first.close();

      await dispatch(open(), handled, { ...settings, concurrency: 1000 });
      await eventually(async () => (await position())?.offset === count, 'all is done');
      assert.equal(handled.byKey.size, count, 'nothing is lost');
      const again = isTold.flatMap((is, offset) => {
        const name = `k${offset}. k${offset}.1`;
        return is && attempts.get(name) !== before.get(name) ? [offset] : [];
      });
      assert.deepEqual(again, []);
      assert.ok(isTold.filter(Boolean).length > 3000, `${isTold.filter(Boolean).length} were told`);
      assert.equal(handled.deadLettered.length, 0);
    });

    /**
     * Runs until the first of a key is parked and all else is done; answers with what it committed.
     */
    const runUntilParked = async (handled: ReturnType<typeof createHandled>) => {
      const client = open();
      const retry = { attempts: 1000, backoff: 'constant', initial: 300, max: 300 } as const;
      const dispatcher = await dispatch(client, handled, { group, topic, retry }, (_, text) =>
        text === 'a1' ? fail() : done,
      );
      await eventually(() => dispatcher.view.parkedEvents === 2, 'a1 and a2 are parked');
      await dispatcher.close(5000);
      await client.close();
      const committed = await position();
      assert.ok(committed && committed.offset > 0);
      return committed;
    };
    const retry = { attempts: 1000, backoff: 'constant', initial: 50, max: 50 } as const;

    it('F24: a group whose parking log is gone does not stop at a commit about the parking log before, nor loses what comes', async () => {
      await publish(['a1', 'a2', 'b1']);
      const handled = createHandled();
      const { metadata } = await runUntilParked(handled);
      assert.match(metadata, /^v1 by=/);
      // A Subscription that was deleted with all that it had, and made again under its name:
      // Kafka keeps the positions.
      await log.deleteTopic(parkingLogTopicOf(group));
      await publish(['b2', 'c1']);
      const again = createHandled();
      const dispatcher = await dispatch(open(), again, { group, topic, retry });
      await eventually(() => again.count() >= 2, 'it goes on');
      assert.deepEqual(
        [...again.byKey],
        [
          ['b', ['b2']],
          ['c', ['c1']],
        ],
      );
      await eventually(async () => (await position())?.offset === 5, 'it commits');
      assert.equal(dispatcher.view.partitions[0]?.state, 'running');
    });

    it('F24: a commit that an owner before made late is not believed: what its successor parked comes', async () => {
      await publish(['a1', 'a2', 'b1']);
      const handled = createHandled();
      const old = await runUntilParked(handled);
      await publish(['a3', 'c1']);
      const client = open();
      const parking = { attempts: 1000, backoff: 'constant', initial: 300, max: 300 } as const;
      const second = await dispatch(client, handled, { group, topic, retry: parking }, (_, text) =>
        text === 'a1' ? fail() : done,
      );
      await eventually(() => second.view.parkedEvents === 3, 'a3 is parked, too');
      await second.close(5000);
      await client.close();
      // Kafka takes it from whoever was a member once.
      await log.seek(group, topic, new Map([[0, old]]));
      const last = createHandled();
      await dispatch(open(), last, { group, topic, retry });
      await eventually(() => last.byKey.get('a')?.includes('a3') === true, 'all of the key comes');
      assert.deepEqual(last.byKey.get('a'), ['a1', 'a2', 'a3']);
      await eventually(async () => (await position())?.offset === 5, 'it commits');
    });
  });
