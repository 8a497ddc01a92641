// Silence under a pipeline: nothing that comes in order is ever late because of it,
// and what is late is kept.
import assert from 'node:assert/strict';
import { pipelineGroupOf } from '../../../core/names.ts';
import { realWorld } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { Store } from '../../../drivers/store/store.ts';
import { createDeadLetters } from '../../../worker/dispatch/dead-letters/dead-letters.ts';
import type { RunningPipeline } from '../../../worker/pipelines/run-pipeline.ts';
import { openLog } from '../../drivers/event-log/sqlite/open-log.ts';
import { temporaryFolder } from '../../drivers/sqlite/temporary-folder.ts';
import { openStore } from '../../drivers/store/sqlite/open-store.ts';
import { eventually } from '../../eventually.ts';
import { eventsOf, fastWorld, publishAll, resourcesOf, startPipeline } from './harness.ts';
import { dailyOf, endOf, flightsOf, saidOf, sorted } from './in-order.ts';

const DAY_MS = 86_400_000;
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const app = (window: string, time: string, steps = '') =>
  resourcesOf(`kind: Topic; metadata: { name: clicks }; spec: { partitions: 4 }
kind: Topic; metadata: { name: results }; spec: { partitions: 1 }
kind: Pipeline; metadata: { name: counts }; spec: { from: { topic: clicks, start: earliest }, time: ${time}, steps: [${steps}{ window: ${window} }], to: [{ topic: results }] }`);

const folders = [temporaryFolder(), temporaryFolder()] as const;
let log: EventLog;
let store: Store;
let running: RunningPipeline | undefined;

const start = async (window: string, time: string, steps?: string, factor = 20) => {
  running = await startPipeline({ world: fastWorld(factor), log, store, resources: app(window, time, steps) });
};

const results = () => eventsOf(log, 'results');
const late = () => [...(running?.windows.values() ?? [])].reduce((sum, each) => sum + each.late, 0);

const letters = async () => {
  const kept = createDeadLetters(realWorld, log, pipelineGroupOf('default', 'counts'));
  return (await kept.list({}, 100)).letters;
};

const COUNT = '{ tumbling: 10s, aggregate: { "n": count() } }';
const counted = async () => (await results()).map(({ data }) => (data as { n: number }).n);

function useLogAndStore(): void {
  beforeEach(async () => {
    log = await openLog(folders[0].file);
    store = await openStore(folders[1].file);
  });
  afterEach(async () => {
    await running?.close(1_000);
    running = undefined;
    for (const { name } of await log.topics()) await log.deleteTopic(name);
    await log.close();
    await store.close();
    folders[1].remove();
    folders[0].remove();
  });
}

describe('silence under a pipeline', () => {
  useLogAndStore();

  const internal = async () => {
    const [window] = running?.windows.keys() ?? [];
    return `${pipelineGroupOf('default', 'counts')}.${window}`;
  };
  /** Until all partitions have said so, and some seconds more by the pipeline's clock. */
  const beSilent = async (from: readonly number[] = [0, 1, 2, 3]) => {
    const silent = async () => {
      const name = await internal();
      const found = new Set<number>();
      const { records } = await log.read(name, 0, 0, { maxRecords: 10_000, maxBytes: 1 << 24 });
      for (const { headers } of records) {
        const [source, , , ms] = headers['tenfold-clock']?.split(',') ?? [];
        if (ms) found.add(Number(source));
      }
      return from.every(source => found.has(source));
    };
    await eventually(silent, 'all are silent');
  };

  const FLIGHTS =
    '{ tumbling: 1d, by: "${event.data.from}", aggregate: { count: count(), sum: sum(event.data.delay) } }';

  for (const [name, pauses] of [
    ['before the first of them', [0]],
    ['and again and again', [0, 1_500, 1_600, 4_000]],
  ] as const) {
    it(`makes nothing late that comes in order after it, ${name}`, async () => {
      await start(FLIGHTS, '{ maxDisorder: 10m, idle: 2s }');
      const flights = flightsOf(6_000, 4, 590_000);
      for (let from = 0; from < flights.length; from += 100) {
        if (pauses.some(pause => pause === from)) await beSilent();
        await publishAll(log, 'clicks', flights.slice(from, from + 100));
      }
      await publishAll(log, 'clicks', endOf(4));
      const expected = sorted(dailyOf(flights, DAY_MS));
      await eventually(async () => saidOf(await results()).size === expected.length, 'all windows');
      const isRight = async () => JSON.stringify(sorted(saidOf(await results()))) === JSON.stringify(expected);
      await eventually(isRight, 'all are right').catch(async () =>
        assert.deepEqual(sorted(saidOf(await results())), expected),
      );
      assert.equal(late(), 0);
      assert.deepEqual(await letters(), []);
    });
  }

  it('has a window that is over said, and once more when events in order come for it after all', async () => {
    await start(COUNT, '{ maxDisorder: 2s, idle: 1s }');
    await publishAll(log, 'clicks', [{ data: {}, time: at(1), partition: 0 }]);
    await eventually(async () => (await counted()).length === 1, 'it is said');
    await publishAll(log, 'clicks', [
      { data: {}, time: at(2), partition: 1 },
      { data: {}, time: at(3), partition: 2 },
    ]);
    await eventually(async () => (await counted()).at(-1) === 3, 'it is said again');
    const found = await results();
    assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
    assert.equal(late(), 0);
    const before = found.length;
    await publishAll(
      log,
      'clicks',
      [0, 1, 2, 3].map(partition => ({ data: {}, time: at(100), partition })),
    );
    await eventually(async () => (await counted()).length > before, 'the next one is over');
    assert.equal((await counted())[before], 4, 'what was said as it is is not said again when it is closed');
  });

  it('ends nothing where it is never to', async () => {
    await start(COUNT, '{ maxDisorder: 2s, idle: never }', undefined, 200);
    const source = () => running?.stages.get('source')?.totals.handled;
    await publishAll(
      log,
      'clicks',
      [0, 1, 2].map(partition => ({ data: {}, time: at(1), partition })),
    );
    await publishAll(
      log,
      'clicks',
      [0, 1, 2].map(partition => ({ data: {}, time: at(50), partition })),
    );
    await eventually(() => source() === 6, 'all are handed on');
    const monotonic = realWorld.monotonic();
    await eventually(() => realWorld.monotonic() > monotonic + 1_000, 'some minutes are gone by its clock');
    assert.deepEqual(await counted(), []);
    await publishAll(log, 'clicks', [{ data: {}, time: at(50), partition: 3 }]);
    await eventually(async () => (await counted()).length === 1, 'the first window is closed');
    assert.deepEqual(await counted(), [3]);
  });

  it('is what a partition has all of whose events are left out, and it holds nobody back', async () => {
    await start(COUNT, '{ maxDisorder: 2s, idle: 1s }', '{ filter: "${!has(event.data.bot)}" }, ');
    let second = 0;
    const go = async () => {
      second++;
      await publishAll(
        log,
        'clicks',
        [0, 1, 2].map(partition => ({ data: {}, time: at(second), partition })),
      );
      await publishAll(log, 'clicks', [{ data: { bot: true }, time: at(second), partition: 3 }]);
      return (await counted()).length >= 2;
    };
    await eventually(go, 'two windows are closed while events come');
    assert.deepEqual((await counted()).slice(0, 2), [27, 30]);
    assert.ok((running?.leftOut.filtered ?? 0) >= 20);
  });
});

describe('events that come late under a pipeline', () => {
  useLogAndStore();

  it('keeps what is late, and says how late it is and for which window', async () => {
    await start(COUNT, '{ maxDisorder: 2s, idle: 1s }');
    await publishAll(
      log,
      'clicks',
      [0, 1, 2, 3].map(partition => ({ data: {}, time: at(30), partition })),
    );
    await eventually(() => running?.stages.get('source')?.totals.handled === 4, 'time has come so far');
    await publishAll(log, 'clicks', [{ data: {}, time: at(4), partition: 2, id: 'late' }]);
    await eventually(async () => (await letters()).length === 1, 'it is a dead letter');
    const [letter] = await letters();
    assert.equal(letter?.reason, 'late');
    assert.equal(letter?.eventId, 'late');
    assert.match(
      letter?.error?.message ?? '',
      /18s too late for the window from 2026-01-01T00:00:00.000Z to .*00:10.000Z/,
    );
    await eventually(() => late() === 1, 'it is counted once it is kept');
  });

  it('keeps what is late for some of the windows that it belongs to', async () => {
    await start('{ hopping: { size: 10s, every: 5s }, aggregate: { "n": count() } }', '{ maxDisorder: 2s, idle: 1s }');
    await publishAll(
      log,
      'clicks',
      [0, 1, 2, 3].map(partition => ({ data: {}, time: at(14), partition })),
    );
    await eventually(() => running?.stages.get('source')?.totals.handled === 4, 'time has come so far');
    await publishAll(log, 'clicks', [{ data: {}, time: at(7), partition: 2 }]);
    await eventually(async () => (await letters()).length === 1, 'it is a dead letter');
    assert.match(
      (await letters())[0]?.error?.message ?? '',
      /2s too late for the window from 2026-01-01T00:00:00.000Z to .*00:10/,
    );
    const windows = async () => (await results()).map(({ data }) => data as { start: string; n: number });
    // A busy machine may take a pause before the last one for silence; then the window is said
    // twice, and the newest is right.
    const newest = async () => (await windows()).findLast(({ start }) => start === at(5))?.n;
    await eventually(async () => (await newest()) === 5, 'its other window counts it');
  });
});
