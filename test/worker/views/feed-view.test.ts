// Views that others feed: what was appended twice counts once where it is marked,
// over the real log and store.
import assert from 'node:assert/strict';
import { toRecord } from '../../../core/cloudevents/record.ts';
import { viewInputTopicOf } from '../../../core/names.ts';
import { VIEW_PARTITIONS, VIEW_RANKING, viewLayoutOf } from '../../../core/views/view-layout.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { viewSpec } from '../../../resources/kinds/view.ts';
import { type Fed, feedView } from '../../../worker/views/feed-view.ts';
import { type RunningView, runView } from '../../../worker/views/run-view.ts';
import { compileRanking } from '../../../worker/views/shapes/ranking.ts';
import { readAll, until } from '../../contract/event-log/subject.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';

const noSearch = { ensureIndex: async () => assert.fail(), change: async () => assert.fail() };
const view = { namespace: 'shop', name: 'scores' };
const input = viewInputTopicOf(view.namespace, view.name);
const layout = viewLayoutOf(view.namespace, view.name, '000000000001');

let events = 0;

/** Another member that is counted in the same partition of the View. */
function memberBeside(member: string): string {
  const partition = partitionOf(member, layout.partitions);
  for (let n = 0; ; n++) if (partitionOf(`${member}${n}`, layout.partitions) === partition) return `${member}${n}`;
}

function fed(who: string, place?: string, partition = 0, topic = 'pipeline.shop.counts'): Fed {
  const event = { specversion: '1.0', id: `e${++events}`, source: '/test', type: 'point', data: { who } } as const;
  const record = toRecord(event, null);
  if (place === undefined) return { record, partition };
  const [offset, index] = place.split('.').map(Number);
  return { record, partition, mark: { topic, partition, offset: offset ?? 0, index: index ?? 0 } };
}

describe('a view that is fed', () => {
  let log: EventLog;
  let store: Store;
  let running: RunningView | undefined;
  const folders: { remove(): void }[] = [];

  beforeEach(async () => {
    const [one, other] = [temporaryFolder(), temporaryFolder()];
    folders.push(one, other);
    log = await openLog(one.file);
    store = await openStore(other.file);
  });
  afterEach(async () => {
    await running?.close(1_000);
    running = undefined;
    await log.close();
    await store.close();
    for (const folder of folders.splice(0)) folder.remove();
  });

  const start = async () => {
    await log.ensureTopic(input, { partitions: VIEW_PARTITIONS });
    const spec = viewSpec.parse({ ranking: { member: '${event.data.who}' } }).ranking;
    const shape = compileRanking(spec ?? assert.fail(), undefined);
    running = await runView({
      world: realWorld,
      log,
      store,
      search: noSearch,
      observer: { trouble() {}, superseded() {}, jumped() {}, refused() {} },
      settings: { ...view, layout, sources: [input], shape, deadLetterRetention: 86_400_000 },
    });
  };
  const scoreOf = async (member: string) => {
    const scope = layout.scopeOf(partitionOf(member, layout.partitions));
    const [found] = await store.around(scope, VIEW_RANKING, member, { before: 0, after: 0 });
    return found?.score;
  };

  it('counts what is marked once, however often it was appended', async () => {
    await start();
    await feedView(log, view, [fed('ada', '0.0'), fed('ada', '0.1'), fed('ada', '1.0')]);
    await feedView(log, view, [fed('ada', '0.1'), fed('ada', '1.0'), fed('ada', '2.0')]);
    await feedView(log, view, [fed('bob', '2.0', 0, 'pipeline.shop.others'), fed('bob', '0.0', 8)]);
    await until('the last is in', async () => (await scoreOf('bob')) === 2);
    await until('all are in', async () => ((await scoreOf('ada')) ?? 0) >= 4);
    assert.equal(await scoreOf('ada'), 4);
  });

  it('counts what is not marked each time', async () => {
    await start();
    await feedView(log, view, [fed('ada'), fed('ada')]);
    await feedView(log, view, [fed('ada')]);
    await until('all are in', async () => (await scoreOf('ada')) === 3);
  });

  it('counts an event once that is fed twice, marked or not', async () => {
    await start();
    const [one, other] = [fed('ada'), fed('bob')];
    await feedView(log, view, [one, one, other]);
    await feedView(log, view, [
      one,
      { ...one, mark: { topic: 'pipeline.shop.others', partition: 0, offset: 9, index: 0 } },
    ]);
    // The last of each partition of the View.
    const lasts = ['ada', 'bob'].map(memberBeside);
    await feedView(
      log,
      view,
      lasts.map(last => fed(last)),
    );
    for (const last of lasts) await until('the last is in', async () => (await scoreOf(last)) === 1);
    assert.deepEqual([await scoreOf('ada'), await scoreOf('bob')], [2, 1]);
  });

  it('gets what comes from one partition in one partition, in order, however much it is', async () => {
    await log.ensureTopic(input, { partitions: VIEW_PARTITIONS });
    const many = Array.from({ length: 2_500 }, (_, n) => fed(`m${n}`, `${n}.0`, 11));
    await feedView(log, view, many);
    const there = await readAll(log, input, 11 % VIEW_PARTITIONS);
    const expected = many.map(({ record }) => Buffer.from(record.value).toString());
    assert.deepEqual(
      there.map(({ value }) => Buffer.from(value).toString()),
      expected,
    );
  });

  it('takes nothing before its topic is there, and says that it may be tried again', async () => {
    await assert.rejects(feedView(log, view, [fed('ada')]), { code: 'not-ready' });
  });
});
