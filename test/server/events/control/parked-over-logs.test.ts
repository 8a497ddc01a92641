// Parked keys over the logs that are there, SQLite and a real Kafka with two workers: listed the
// same by somebody who owns nothing, whoever delivers and after a worker is gone; and tried now or
// given up through that log.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ParkedKey } from '../../../../admin/parked-view.ts';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { createParkedControl } from '../../../../server/events/control/parked-control.ts';
import { createDeadLetters } from '../../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { Dispatcher } from '../../../../worker/dispatch/dispatcher.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { newName, record } from '../../../contract/event-log/subject.ts';
import { createClients } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { openInlineLog } from '../../../drivers/event-log/sqlite/open-inline-log.ts';
import { eventually } from '../../../eventually.ts';
import { kafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { done, fail } from '../../../worker/dispatch/harness.ts';
import { createHandled, dispatch } from '../../../worker/dispatch/kafka/cases.ts';

const PARTITIONS = 3;
const KEYS = Array.from({ length: 12 }, (_, index) => `k${index}`);
const HOUR = 3_600_000;
const retry = { attempts: 9, backoff: 'constant', initial: HOUR, max: HOUR } as const;
const cause = { name: 'RangeError', message: 'no price', at: 'price.ts:2:9' };
const consumer = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;

interface Logs {
  /** Of one more process; with one client for all, the same each time. */
  open(): Promise<EventLog>;
  close(): Promise<void>;
}

function parkedOver(name: string, workers: number, create: () => Promise<Logs>): void {
  describe(`parked keys over ${name}`, () => {
    let logs: Logs;
    const running: Dispatcher[] = [];
    const handled = createHandled();
    const [topic, group] = [newName('topic'), newName('group')];
    let broken = true;

    const startWorker = async () => {
      const script: Parameters<typeof dispatch>[3] = (_, text) =>
        broken && text === '0' ? fail({ error: { status: 500, message: 'Sorry', cause } }) : done;
      running.push(await dispatch(await logs.open(), handled, { group, topic, retry }, script));
    };
    const controlOf = async () =>
      createParkedControl({
        world: realWorld,
        log: await logs.open(),
        owners: async () => [{ name: consumer, settings: { group, topic, order: 'key' } }],
        tell: () => {},
      });
    const list = async (control: Awaited<ReturnType<typeof controlOf>>) => {
      const items: ParkedKey[] = [];
      for (let after: string | undefined; ; ) {
        const page = await control.list({ limit: 5, ...(after === undefined ? {} : { after }) });
        assert.equal(page.unread, undefined);
        items.push(...page.items);
        after = page.next;
        if (after === undefined) return items;
      }
    };

    before(async () => {
      logs = await create();
      const log = await logs.open();
      await log.ensureTopic(topic, { partitions: PARTITIONS });
      for (let index = 0; index < workers; index++) await startWorker();
      for (const text of ['0', '1', '2'])
        await log.append(
          topic,
          KEYS.map(key => record(key, text)),
        );
    });
    after(async () => {
      await Promise.all(running.map(each => each.close(0)));
      await logs?.close();
      removeTempFolders();
    });

    it('are all listed, and the same once another worker has taken over', async () => {
      const control = await controlOf();
      await eventually(async () => {
        const keys = await list(control);
        return keys.length === KEYS.length && keys.every(({ events }) => events === 3);
      }, 'all are parked');
      const before = await list(control);
      assert.deepEqual(before.map(({ key }) => key).sort(), [...KEYS].sort());
      for (const key of before) {
        assert.deepEqual([key.state, key.attempts, key.reason, key.status], ['retrying', 1, 'TargetFailed', 500]);
        assert.deepEqual(key.cause, cause);
      }
      await startWorker();
      await running.shift()?.close(0);
      const owned = () => running.flatMap(({ view }) => view.partitions.filter(({ state }) => state === 'running'));
      await eventually(
        () => owned().reduce((sum, { parkedKeys }) => sum + parkedKeys, 0) === KEYS.length,
        'it owns all',
      );
      assert.deepEqual(await list(await controlOf()), before);
    });

    it('are tried now, and given up, as somebody asks who owns nothing', async () => {
      const control = await controlOf();
      const [first, second] = await list(control);
      assert.ok(first && second);
      const signal = new AbortController().signal;
      const abandoned = await control.command({ action: 'give-up', consumer, ids: [first.id] }, () => {}, signal);
      assert.deepEqual(abandoned, { taken: 1, unconfirmed: 0, failed: [], total: 1 });
      const again = await control.command({ action: 'retry', consumer, ids: [second.id] }, () => {}, signal);
      assert.equal(again.taken, 1);
      await eventually(() => handled.attempts.get(`${second.key} 0`) === 2, 'it is tried');
      broken = false;
      const all = () => control.command({ action: 'retry', consumer, query: {} }, () => {}, signal);
      // The one that was just tried may be on its way to be parked again.
      await eventually(async () => {
        await all();
        return (await list(control)).length === 0;
      }, 'all are handled');
      for (const key of KEYS)
        assert.deepEqual(handled.byKey.get(key), key === first.key ? ['1', '2'] : ['0', '1', '2']);
      const letters = await createDeadLetters(realWorld, await logs.open(), group).list({}, 10);
      assert.deepEqual(
        letters.letters.map(({ key, reason, attempts }) => [key, reason, attempts]),
        [[first.key, 'abandoned', 1]],
      );
    });
  });
}

parkedOver('SQLite', 1, async () => {
  const log = await openInlineLog(join(tempFolder(), 'tenfold.db'));
  return { open: async () => log, close: () => log.close() };
});

const broker = findService(kafka);
if (broker)
  parkedOver('Kafka with two workers', 2, async () => {
    const clients = createClients();
    return { open: async () => clients.open(broker.url().split(',')), close: () => clients.closeAll() };
  });
