// Operations over the logs that are there, SQLite and a real Kafka: planned, redriven in the order
// of the keys, paused, stopped and edited, whichever worker delivers.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type {
  OperationControl,
  OperationName,
  OperationPlan,
  OperationReport,
  OperationRequest,
} from '../../../../admin/commands/operation-view.ts';
import { soleIncarnation } from '../../../../core/incarnation.ts';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { createLetterTarget } from '../../../../server/events/operations/letter-target.ts';
import { createOperations, type Operations } from '../../../../server/events/operations/operations.ts';
import type { DeadLetters } from '../../../../worker/dispatch/dead-letters/dead-letter-options.ts';
import { createDeadLetters } from '../../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { Dispatcher } from '../../../../worker/dispatch/dispatcher.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { newName, record } from '../../../contract/event-log/subject.ts';
import { createClients } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { openInlineLog } from '../../../drivers/event-log/sqlite/open-inline-log.ts';
import { openInlineStore } from '../../../drivers/store/sqlite/open-inline-store.ts';
import { eventually } from '../../../eventually.ts';
import { kafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { done, fail } from '../../../worker/dispatch/harness.ts';
import { createHandled, dispatch } from '../../../worker/dispatch/kafka/cases.ts';

const KEYS = Array.from({ length: 12 }, (_, index) => `k${index}`);
const VALUES = ['0', '1', '2', '3'];
const consumer = { kind: 'Subscription', namespace: 'default', name: 'wall' } as const;
const { namespace } = consumer;
const { signal } = new AbortController();

async function started(control: OperationControl, { id, token }: OperationPlan): Promise<OperationName> {
  await control.start({ namespace, id }, token, { by: 'token ci', from: 'here', client: 'cli' });
  return { namespace, id };
}

async function endOf(control: OperationControl, operation: OperationName): Promise<OperationReport> {
  await eventually(async () => (await control.read(operation)).endedAt !== undefined, 'it has ended');
  return control.read(operation);
}

function operationsOver(name: string, create: () => Promise<{ log: EventLog; close(): Promise<void> }>): void {
  describe(`operations over ${name}`, () => {
    const handled = createHandled();
    const [topic, group] = [newName('topic'), newName('group')];
    const audit: unknown[] = [];
    let site: Awaited<ReturnType<typeof create>>;
    let store: Awaited<ReturnType<typeof openInlineStore>>;
    let dispatcher: Dispatcher;
    let letters: DeadLetters;
    let operations: Operations;
    let control: OperationControl;
    let broken = true;

    before(async () => {
      site = await create();
      const { log } = site;
      store = await openInlineStore(join(tempFolder(), 'store.db'));
      await log.ensureTopic(topic, { partitions: 3 });
      // The first two events of each key have one cause, and the others another one.
      const cause = (text: string) => (Number(text) < 2 ? 'no price for 1' : 'no screen');
      dispatcher = await dispatch(log, handled, { group, topic }, (_, text) =>
        broken ? fail({ retryable: false, error: { status: 400, message: cause(text) } }) : done,
      );
      for (const text of VALUES)
        await log.append(
          topic,
          KEYS.map(key => record(key, text)),
        );
      letters = createDeadLetters(realWorld, log, group, { source: topic });
      const all = KEYS.length * VALUES.length;
      await eventually(async () => (await letters.count()) === all, 'all are given up');
      broken = false;
      operations = createOperations({
        world: realWorld,
        works: true,
        storage: { log, store },
        incarnation: soleIncarnation('p'),
        log: (_level, message, fields) => audit.push({ message, ...fields }),
      });
      const target = createLetterTarget(() => ({ owner: { name: consumer, group }, letters }));
      control = operations.open(() => target);
      operations.begin();
    });
    after(async () => {
      await operations?.close();
      await dispatcher?.close(0);
      await site?.close();
      await store?.close();
      removeTempFolders();
    });

    const plan = (more: Partial<OperationRequest>) =>
      control.plan({ action: 'redrive', consumer, query: {}, ...more }, signal);
    const start = async (request: Partial<OperationRequest>) => started(control, await plan(request));
    it('say how many and of which causes, and change nothing before the start', async () => {
      const { id, total, groups = [], sample, state, token } = await plan({ query: { key: 'k3' } });
      assert.deepEqual([total, sample.length, state], [4, 4, 'planned']);
      assert.deepEqual(groups.map(({ count, cause }) => `${count} ${cause}`).sort(), [
        '2 refused 400: no price for #',
        '2 refused 400: no screen',
      ]);
      const asker = { by: 'x', from: 'here' };
      await assert.rejects(control.start({ namespace, id }, 'other', asker), { code: 'conflict' });
      await assert.rejects(control.start({ namespace: 'other', id }, token, asker), { code: 'not-found' });
      await assert.rejects(control.resume({ namespace, id }), /is planned/);
      await control.stop({ namespace, id });
      await assert.rejects(control.start({ namespace, id }, token, asker), /has ended: it is stopped/);
      assert.equal(await letters.count(), 48);
    });

    it('redrive a group in the order of its keys, say what became of each, and are in the audit log', async () => {
      const [group] = (await plan({ query: { text: 'no price' } })).groups ?? [];
      assert.ok(group);
      // One of them is purged by somebody else meanwhile.
      const { id, token, sample } = await plan({ query: { group: group.id } });
      const [gone = ''] = sample;
      await letters.purge(gone);
      await eventually(async () => (await letters.count()) === 47, 'it is purged');
      await control.start({ namespace, id }, token, { by: 'token ci', from: 'here' });
      const report = await endOf(control, { namespace, id });
      assert.deepEqual([report.state, report.done, report.refused, report.left], ['done', 23, 1, 0]);
      const failed = (await control.items({ namespace, id }, { limit: 10, failed: true })).items;
      assert.deepEqual(
        failed.map(({ id, outcome }) => [id, outcome]),
        [[gone, 'refused']],
      );
      await eventually(() => handled.count() === 23, 'all are handled');
      const orders = KEYS.map(key => handled.byKey.get(key)?.join(''));
      assert.deepEqual(orders.filter(order => order !== '01').length, 1, orders.join(' '));
      assert.equal(Math.max(...handled.attempts.values()), 2);
      const entry = audit.find(each => JSON.stringify(each).includes(id));
      assert.match(JSON.stringify(entry), /"by":"token ci".*"outcome":"done".*"taken":23,"failed":1/);
    });

    it('pause at their place, go on there, and are listed', async () => {
      const operation = await start({ rate: 1, query: { key: 'k5' } });
      await eventually(async () => (await control.read(operation)).done >= 1, 'it has begun');
      assert.equal((await control.pause(operation)).state, 'paused');
      await control.resume(operation);
      const { done, total } = await endOf(control, operation);
      assert.deepEqual([done, total], [2, 2]);
      await eventually(() => handled.byKey.get('k5')?.join('') === '0123', 'both are handled, in order');
      const listed = (await control.list({ namespace, limit: 100 })).items.map(({ id }) => id);
      assert.equal(listed[0], operation.id);
      assert.deepEqual((await control.list({ limit: 100, visible: () => false })).items, []);
    });

    it('stop, and leave the rest as it was', async () => {
      const before = await letters.count();
      const operation = await start({ rate: 1, query: { text: 'no screen' } });
      await eventually(async () => (await control.read(operation)).done >= 1, 'it has begun');
      await control.stop(operation);
      const { state, done, left, total } = await endOf(control, operation);
      assert.deepEqual([state, done + left], ['stopped', total]);
      await eventually(async () => (await letters.count()) === before - done, 'what was taken is redriven');
      assert.ok(left > 0);
    });

    it('edit the data of each by a merge patch, and refuse those that are no JSON', async () => {
      const { log } = site;
      broken = true;
      const bodies = ['{"cups":1,"sugar":2}', '{"cups":2}', 'none'].map(body => record('edited', body));
      await log.append(topic, bodies);
      await eventually(async () => (await plan({ query: { key: 'edited' } })).total === 3, 'they are given up');
      broken = false;
      const operation = await start({
        action: 'edit',
        edit: { merge: { cups: 9, sugar: null } },
        query: { key: 'edited' },
      });
      const report = await endOf(control, operation);
      assert.deepEqual([report.done, report.refused], [2, 1]);
      await eventually(() => handled.byKey.get('edited')?.length === 2, 'both are handled');
      assert.deepEqual(handled.byKey.get('edited'), ['{"cups":9}', '{"cups":9}']);
      const [item] = (await control.items(operation, { limit: 10, failed: true })).items;
      assert.match(item?.message ?? '', /no JSON/);
      await eventually(async () => (await plan({ query: { key: 'edited' } })).total === 1, 'only that one is left');
    });

    it('say which of two counts that are about one dead letter at once: its data are what is delivered', async () => {
      broken = true;
      await site.log.append(topic, [record('twice', '{"cups":1}')]);
      const query = { key: 'twice' };
      await eventually(async () => (await plan({ query })).total === 1, 'it is given up');
      broken = false;
      const plans = [await plan({ query }), await plan({ query, action: 'edit', edit: { merge: { cups: 9 } } })];
      const ends = await Promise.all(plans.map(async each => endOf(control, await started(control, each))));
      const counts = ends.map(({ done, refused }) => `${done} ${refused}`).join(', ');
      await eventually(() => handled.byKey.get('twice')?.length === 1, 'it is handled once');
      assert.equal(counts, handled.byKey.get('twice')?.[0] === '{"cups":9}' ? '0 1, 1 0' : '1 0, 0 1');
      await eventually(async () => (await plan({ query })).total === 0, 'it is a dead letter no more');
    });

    it('refuse ids that are no dead letters, and purge', async () => {
      const left = (await letters.list({}, 1000)).letters;
      const operation = await start({ action: 'purge', ids: [...left.map(({ id }) => id), '2-999999'] });
      const { done, refused } = await endOf(control, operation);
      assert.deepEqual([done, refused], [left.length, 1]);
      await eventually(async () => (await letters.count()) === 0, 'all are gone');
    });
  });
}

operationsOver('SQLite', async () => {
  const log = await openInlineLog(join(tempFolder(), 'tenfold.db'));
  return { log, close: () => log.close() };
});

const broker = findService(kafka);
if (broker)
  operationsOver('Kafka', async () => {
    const clients = createClients();
    return { log: await clients.open(broker.url().split(',')), close: () => clients.closeAll() };
  });
