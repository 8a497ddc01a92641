// Followers of a View over each real store, in processes that do not fold it: through changes,
// reconnects, slowness and restarts, each has what the View has.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { toRecord } from '../../../../core/cloudevents/record.ts';
import type { ViewDirectory } from '../../../../core/views/view-directory.ts';
import { viewLayoutOf } from '../../../../core/views/view-layout.ts';
import { realWorld as world } from '../../../../core/world.ts';
import type { EventLog } from '../../../../drivers/event-log/event-log.ts';
import { openRedisStore } from '../../../../drivers/store/redis/redis-store.ts';
import type { Store } from '../../../../drivers/store/store.ts';
import { createLiveViews, type LiveViews } from '../../../../gateway/views/live/live-views.ts';
import { type FollowedQuestion, readLive } from '../../../../gateway/views/live/read-live.ts';
import { runView } from '../../../../worker/views/run-view.ts';
import { compileShape } from '../../../../worker/views/shapes/compile-shape.ts';
import { openLog } from '../../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../../eventually.ts';
import { redis } from '../../../services/redis.ts';
import { findService } from '../../../services/service.ts';
import { Chance } from '../../../simulation/kernel/chance.ts';
import { resourcesOf } from '../../../worker/pipelines/harness.ts';
import { Connected } from './connected.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const ROUNDS = 6;
const STEPS = 15;
const TOPIC = 'orders';
const GENERATION = '0123456789ab';
const VIEW = `kind: Topic; metadata: { name: orders }; spec: {}
kind: View; metadata: { name: orders }; spec: { from: [orders], table: { key: "\${event.data.id}", delete: "\${event.type == 'Gone'}", indexes: [who, [who, total]] } }`;

const rows = (index: string, prefix: (string | number)[], limit: number, reverse = false) =>
  ({ kind: 'rows', index, prefixes: [prefix], limit, reverse, after: undefined }) as const;
const QUESTIONS: FollowedQuestion[] = [
  ...Array.from({ length: 8 }, (_, n) => ({ kind: 'row', key: `k${n}` }) as const),
  rows('who', ['ada'], 100),
  rows('who,total', ['ada'], 3),
  rows('who,total', ['bob'], 2, true),
  rows('who,total', ['bob', 3], 10),
  rows('who', [], 4),
  { kind: 'keys', keys: ['k3', 'k4', 'k5'], fields: ['who'] },
  { ...rows('who,total', ['ada'], 5), ranges: [{ from: { value: 2, inclusive: true }, to: undefined }] },
];

const silent = { trouble() {}, superseded() {}, jumped() {}, refused() {} };
const noSearch = { ensureIndex: async () => assert.fail(), change: async () => assert.fail() };
const service = findService(redis);
const openRedis = () => {
  const url = (service ?? assert.fail('Redis is not here.')).url();
  const prefix = `live-${randomUUID().slice(0, 8)}`;
  return openRedisStore({ world, connection: { urls: [url] }, prefix });
};
const stores: Readonly<Record<string, (file: string) => Promise<Store>>> = {
  SQLite: openStore,
  ...(service ? { Redis: openRedis } : {}),
};

const resource = resourcesOf(VIEW).get('View', 'default', 'orders') ?? assert.fail('There is no View.');
const layout = viewLayoutOf('default', 'orders', GENERATION);
const generation = { id: GENERATION, definition: '', manifest: undefined, sources: [], since: 0 };
const views: ViewDirectory = { serving: async () => generation, serves: () => true, isStill: () => true };

for (const [name, open] of Object.entries(stores))
  describe(`followers of a View over ${name}`, () => {
    const folders = [temporaryFolder(), temporaryFolder()] as const;
    let log: EventLog;
    let store: Store;

    before(async () => {
      log = await openLog(folders[0].file);
      store = await open(folders[1].file);
      await log.ensureTopic(TOPIC, { partitions: 3 });
    });
    after(async () => {
      for (const scope of await store.scopes('', { limit: 10_000 })) await store.drop(scope);
      await log.close();
      await store.close();
      for (const folder of folders) folder.remove();
    });

    const shape = compileShape(resource) ?? assert.fail('There is no shape.');
    const settings = { namespace: 'default', name: 'orders', layout, sources: [TOPIC], shape };
    const fold = () =>
      runView({
        ...{ world, log, store, search: noSearch, observer: silent },
        settings: { ...settings, deadLetterRetention: 86_400_000 },
      });
    // Nothing is read anew for its age alone, so that nothing else hides a missed change.
    const ageless = { ...world, monotonic: () => 0 };
    const startProcess = () => createLiveViews({ world: ageless, log, store, views, signals: undefined });

    it(`have what the View has, whatever happens between (seed ${SEED})`, async () => {
      const chance = new Chance(SEED);
      let running = await fold();
      const processes: LiveViews[] = [startProcess(), startProcess()];
      const connected = [...QUESTIONS, ...QUESTIONS].map(question => new Connected(question));
      const connect = async (each: Connected) => {
        const live = chance.pick('process', processes as [LiveViews, ...LiveViews[]]);
        const { question, lastId } = each;
        const [call, anew] = [each.connect(), chance.happens('anew', 0.3)];
        assert.ok(await live.follow({ call, resource, layout, question, anew, lastId }));
      };
      for (const each of connected) await connect(each);
      let events = 0;
      const publish = () => {
        const records = Array.from({ length: chance.int('events', 1, 8) }, () => {
          const data = {
            id: `k${chance.int('key', 0, 11)}`,
            who: chance.pick('who', ['ada', 'bob']),
            total: chance.int('total', 0, 5),
          };
          const type = chance.happens('gone', 0.2) ? 'Gone' : 'Put';
          return toRecord({ specversion: '1.0', id: `e${events++}`, source: '/t', type, data }, data.id);
        });
        return log.append(TOPIC, records);
      };
      const disturb = async () => {
        const each = chance.pick('follower', connected as [Connected, ...Connected[]]);
        const act = chance.int('act', 0, 9);
        if (act < 5) await publish();
        else if (act === 5) {
          each.leave();
          if (chance.happens('away', 0.5)) await publish();
          await connect(each);
        } else if (act === 6) each.slow();
        else if (act === 7) each.goOn();
        else if (act === 8 && chance.happens('fold', 0.3)) {
          await running.close(1_000);
          running = await fold();
        } else if (act === 9 && chance.happens('restart', 0.5)) {
          const stopped = processes.shift();
          stopped?.drain();
          stopped?.close();
          processes.push(startProcess());
        } else await pause(chance.int('pause', 0, 20));
        for (const gone of connected) if (gone.isOver) await connect(gone);
      };
      const settle = async () => {
        for (const each of connected) each.goOn();
        await publish();
        await eventually(() => isFolded(log, store), 'all is folded');
        for (const each of connected) {
          const isRight = async () => {
            const { items, more } = await readLive(store, layout, each.question);
            return each.isRight(
              items.map(({ text }) => text),
              more,
            );
          };
          await eventually(isRight, () => `${JSON.stringify(each.question)}: ${JSON.stringify(each.items)}`);
        }
      };
      for (let round = 0; round < ROUNDS; round++) {
        for (let step = 0; step < STEPS; step++) await disturb();
        await settle();
      }
      assert.ok(connected.some(each => each.events.includes('change')));
      for (const each of processes) each.close();
      assert.ok(connected.every(each => each.isOver));
      await running.close(1_000);
    }).timeout(600_000);
  });

/** Everything that was published is in the View. */
async function isFolded(log: EventLog, store: Store): Promise<boolean> {
  const [ends, keyed, bounds] = await Promise.all([
    log.bounds(TOPIC),
    log.positions(layout.rekeyGroupOf(TOPIC), TOPIC),
    log.bounds(layout.topic),
  ]);
  const folded = await Promise.all((bounds ?? []).map((_, at) => store.position(layout.scopeOf(at), 'view', at)));
  const isKeyed = (ends ?? []).every(({ start, end }, at) => end === start || keyed[at]?.offset === end);
  return isKeyed && (bounds ?? []).every(({ start, end }, at) => end === start || folded[at] === end);
}
