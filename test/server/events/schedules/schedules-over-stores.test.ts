// Schedules over the logs and stores that are there, SQLite and a real Kafka with a real Redis:
// three processes race for each due time, one of them ends in the midst of it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { realWorld } from '../../../../core/world.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { openRedisStore } from '../../../../drivers/store/redis/redis-store.ts';
import { noReminders } from '../../../../drivers/store/reminders.ts';
import type { Keys, Store } from '../../../../drivers/store/store.ts';
import { createRecentEnds } from '../../../../worker/schedules/recent-ends.ts';
import { compileSchedules } from '../../../../worker/schedules/schedule-plan.ts';
import { ScheduleRunner } from '../../../../worker/schedules/schedule-runner.ts';
import { createScheduleTarget } from '../../../../worker/schedules/schedule-target.ts';
import { readState, writeState } from '../../../../worker/schedules/step-schedule.ts';
import { removeTempFolders, tempFolder } from '../../../cli/temp-folder.ts';
import { newName, readAll } from '../../../contract/event-log/subject.ts';
import { createClients } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { openInlineLog } from '../../../drivers/event-log/sqlite/open-inline-log.ts';
import { openInlineStore } from '../../../drivers/store/sqlite/open-inline-store.ts';
import { eventually } from '../../../eventually.ts';
import { kafka } from '../../../services/kafka.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { resourcesOf } from '../../../worker/pipelines/harness.ts';

interface Services {
  /** For one process. */
  open(): Promise<{ readonly log: EventLog; readonly store: Store }>;
  close(): Promise<void>;
}

const MINUTE = 60_000;

function schedulesOver(name: string, createServices: () => Services): void {
  describe(`schedules over ${name}`, () => {
    const services = createServices();
    const runners: ScheduleRunner[] = [];
    after(async () => {
      await Promise.all(runners.map(runner => runner.close(1_000)));
      await services.close();
      removeTempFolders();
    });

    it('run each due time once over three processes, and take over what a dead one has claimed', async function () {
      this.timeout(600_000);
      const topic = newName('ticks');
      const schedule = '{ name: often, cron: "* * * * *", missed: all }';
      const resources = `kind: Topic; metadata: { name: ${topic.toLowerCase()} }; spec: { schedules: [${schedule}] }`;
      const plans = compileSchedules(resourcesOf(resources));
      const [plan] = plans;
      assert.ok(plan?.resource.kind === 'Topic');
      const inLog = `default.${plan.resource.metadata.name}`;
      // The clock of the store, as the schedules see it, is moved on to the next due time.
      let ahead = 0;
      const clocked = (store: Store): Keys => ({
        now: async () => (await store.now()) + ahead,
        get: (scope, key) => store.get(scope, key),
        put: (scope, key, value, options) => store.put(scope, key, value, options),
        delete: (scope, key, when) => store.delete(scope, key, when),
      });
      const ended = new Set<string>();
      const first = await services.open();
      await first.log.ensureTopic(inLog, { partitions: 3 });
      const start = async (id: string, { log, store }: Awaited<ReturnType<Services['open']>>) => {
        const runner = new ScheduleRunner({
          world: realWorld,
          store: clocked(store),
          log,
          ends: createRecentEnds(realWorld, log),
          incarnation: { id, isOver: async other => ended.has(other) },
          reminders: noReminders,
          hasEnded: async () => true,
          observer: { handedOver() {}, refused() {}, leftOut() {}, trouble() {} },
        });
        runner.apply(plans);
        runners.push(runner);
        return runner;
      };
      const leaving = await start('one', first);
      await start('two', await services.open());
      await start('three', await services.open());
      const state = async () => (await readState({ store: first.store }, plan))?.state;
      await eventually(async () => (await state()) !== undefined, 'the schedule has begun');
      for (let due = 1; due <= 4; due++) {
        const now = (await first.store.now()) + ahead;
        ahead += MINUTE - (now % MINUTE);
        if (due === 3) {
          void leaving.close(0);
          ended.add('one');
        }
        await eventually(async () => (await state())?.runs.length === due, `run ${due} is handed over`);
      }
      const idsInLog = async () => {
        const records = await Promise.all([0, 1, 2].map(each => readAll(first.log, inLog, each)));
        return records.flat().map(({ headers }) => headers['ce_id'] ?? '');
      };
      const ids = await idsInLog();
      assert.equal(ids.length, 4);
      assert.equal(new Set(ids).size, 4);
      assert.deepEqual((await state())?.leftOut, []);

      // The process that has ended left two claims behind: one run is in the log, and one is not.
      const site = { store: first.store, reminders: noReminders };
      for (const isThere of [true, false]) {
        const ends = ((await first.log.bounds(inLog)) ?? []).map(({ end }) => end);
        const id = `left-${isThere}`;
        const due = (await first.store.now()) + ahead;
        const run = { id, due, cause: 'due' as const, claim: { token: id, by: 'one', ends } };
        if (isThere) await first.log.append(inLog, [createScheduleTarget(plan).recordOf(run)]);
        // Whoever looks after the schedule may write in between.
        const isLeft = async () => {
          const stored = (await readState(site, plan)) ?? assert.fail('It has no state.');
          return (await writeState(site, plan, { ...stored.state, pending: [run] }, stored)) !== undefined;
        };
        await eventually(isLeft, 'the claim is stored');
        ahead += MINUTE - (due % MINUTE);
        await eventually(async () => (await state())?.runs.some(each => each.id === id) ?? false, 'it is taken over');
      }
      const left = (await idsInLog()).filter(id => id.startsWith('left'));
      assert.deepEqual(left.sort(), ['left-false', 'left-true']);
      await first.log.deleteTopic(inLog);
    });
  });
}

schedulesOver('SQLite', () => {
  let opened: { readonly log: Awaited<ReturnType<typeof openInlineLog>>; readonly store: Store } | undefined;
  return {
    async open() {
      const folder = tempFolder();
      opened ??= {
        log: await openInlineLog(join(folder, 'log.db')),
        store: await openInlineStore(join(folder, 'store.db')),
      };
      return opened;
    },
    async close() {
      await opened?.log.close();
      await opened?.store.close();
    },
  };
});

const [broker, cache] = [findService(kafka), findService(redis)];
if (broker && cache)
  schedulesOver('Kafka and Redis', () => {
    const clients = createClients();
    const stores: Store[] = [];
    const prefix = newName('schedules');
    return {
      async open() {
        const store = await openRedisStore({ world: realWorld, connection: { urls: [cache.url()] }, prefix });
        stores.push(store);
        return { log: clients.open(broker.url().split(',')), store };
      },
      async close() {
        const [store] = stores;
        for (const scope of (await store?.scopes('', { limit: 1000 })) ?? []) await store?.drop(scope);
        await Promise.all(stores.map(each => each.close()));
        await clients.closeAll();
      },
    };
  });
