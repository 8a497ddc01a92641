// How Views, Pipelines and FanOuts do, as processes tell each other, and put together.
import assert from 'node:assert/strict';
import { shareReports } from '../../../../server/events/reports/shared-reports.ts';
import {
  divideParts,
  type FanOutPart,
  findByName,
  mergeFanOutParts,
  mergePipelineParts,
  mergeViewParts,
  type PipelinePart,
  type StageParts,
  type ViewPart,
} from '../../../../server/events/reports/stage-parts.ts';
import type { PresenceStore } from '../../../../server/shared/presence.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const named = { namespace: 'shop', name: 'sold', state: 'starting', lastError: undefined } as const;
const view: ViewPart = { ...named, folded: 0, building: 0, repeated: 0, refused: 0, jumped: 0 };
const read = {
  handled: 0,
  emitted: 0,
  late: 0,
  filtered: 0,
  deduplicated: 0,
  unjoined: 0,
  joining: 0,
  parkedEvents: 0,
};
const pipeline: PipelinePart = { ...named, ...read, repeated: 0, refused: 0, jumped: 0, gathered: {}, tables: {} };
const fanOut: FanOutPart = { ...named, folded: 0, ended: {}, positions: {} };

describe('parts of a View, a Pipeline and a FanOut that several processes run', () => {
  it('are added up, and say what is worst', () => {
    const one: ViewPart = { ...view, state: 'running', folded: 3, building: 1 };
    const other: ViewPart = { ...view, state: 'running', lastError: 'The log is away.', folded: 4, refused: 2 };
    const { lastError } = other;
    assert.deepEqual(mergeViewParts(view, [one, other]), {
      ...view,
      ...{ state: 'running', lastError, folded: 7, building: 1, refused: 2 },
    });
    assert.equal(mergeViewParts(one, [{ ...view, state: 'stopped' }]).state, 'stopped');
    assert.deepEqual(mergeViewParts(one, []), one);
  });

  it('have the stop, the least watermark, and the archives of all', () => {
    const stop = { why: 'It may not grow.', next: 'Go back.' };
    const one: PipelinePart = { ...pipeline, state: 'stopped', stop, watermark: 20, gathered: { a: 1, b: 2 } };
    const other: PipelinePart = { ...pipeline, state: 'running', handled: 5, watermark: 10, gathered: { b: 3 } };
    assert.partialDeepStrictEqual(mergePipelineParts(pipeline, [one, other]), {
      ...{ state: 'stopped', stop, watermark: 10, handled: 5, gathered: { a: 1, b: 5 } },
    });
    assert.equal(mergePipelineParts(pipeline, []).watermark, undefined);
  });

  it('have the latest position of a partition that has just moved', () => {
    const one: FanOutPart = { ...fanOut, state: 'running', ended: { failed: 1 }, positions: { 0: 7, 1: 4 } };
    const other: FanOutPart = { ...one, folded: 2, ended: { failed: 2, expired: 1 }, positions: { 1: 9 } };
    assert.deepEqual(mergeFanOutParts(fanOut, [one, other]), {
      ...one,
      ...{ folded: 2, ended: { failed: 3, expired: 1 }, positions: { 0: 7, 1: 9 } },
    });
  });
});

it('parts are found by the namespace and the name of one, and divided without loss', () => {
  const views = ['a', 'b', 'c'].map(name => ({ ...view, name }));
  const find = findByName([...views, { ...view, name: 'a', namespace: 'other' }]);
  assert.deepEqual(find({ ...view, name: 'a', folded: 9 }), [views[0]]);
  assert.deepEqual(find({ ...view, name: 'd' }), []);
  const divided = divideParts({ views, pipelines: [pipeline], fanOuts: [], sources: [] }, 2);
  assert.deepEqual(divided, [
    { views: views.slice(0, 2), pipelines: [pipeline], fanOuts: [], sources: [] },
    { views: views.slice(2), pipelines: [], fanOuts: [], sources: [] },
  ]);
  const none = { views: [], pipelines: [], fanOuts: [], sources: [] };
  assert.deepEqual(divideParts(none, 2), [none]);
});

describe('what processes tell each other of Views, Pipelines and FanOuts', () => {
  const stages: StageParts = {
    views: [{ ...view, state: 'running', folded: 3 }],
    pipelines: [pipeline],
    fanOuts: [fanOut],
    sources: [],
  };
  let scans: number;
  const rows = new Map<string, string>();
  const store = {
    async apply(_scope: string, writes: readonly { table: string; key: string; value: string }[]) {
      for (const { table, key, value } of writes) rows.set(`${table} ${key}`, value);
    },
    async scan(_scope: string, table: string) {
      scans++;
      const found = [...rows].filter(([name]) => name.startsWith(`${table} `));
      return { rows: found.map(([name, value]) => ({ key: name.split(' ')[1], value: Buffer.from(value) })) };
    },
  } as unknown as PresenceStore;
  const join = (id: string, own?: StageParts) => {
    const reports = own && (() => ({ consumers: [], stages: own }));
    return shareReports({ world: createFakeWorld(), store, id, own: reports, log() {} });
  };
  beforeEach(() => {
    scans = 0;
    rows.clear();
  });

  it('is read by others, once for all who ask together, and not by itself', async () => {
    const [gateway, worker] = [join('gateway'), join('worker', stages)];
    const [[found], again] = await Promise.all([gateway.stagesOfOthers(), gateway.stagesOfOthers()]);
    assert.deepEqual(found, JSON.parse(JSON.stringify(stages)));
    assert.equal(again[0], found);
    assert.equal(scans, 1);
    assert.deepEqual(await worker.stagesOfOthers(), []);
    for (const each of [gateway, worker]) each.close();
  });

  it('is left out where only a later release understands it', async () => {
    const [gateway, worker] = [join('gateway'), join('worker', stages)];
    rows.set('stages later', JSON.stringify({ ...stages, views: [{ ...view, state: 'dreaming' }] }));
    rows.set('stages damaged', '{');
    assert.equal((await gateway.stagesOfOthers()).length, 1);
    for (const each of [gateway, worker]) each.close();
  });
});
