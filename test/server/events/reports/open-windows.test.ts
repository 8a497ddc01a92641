// The open windows of a Pipeline as the admin API lists them: by their time, with their keys, and
// within bounds.
import assert from 'node:assert/strict';
import { loadText } from '../../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../../resources/resource-set.ts';
import { createOpenWindows } from '../../../../server/events/reports/open-windows.ts';
import { encodeWindow, openWindow, rowOf } from '../../../../worker/pipelines/window/open-window.ts';
import { compileEvents } from '../../../../worker/plan/compile.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const APP = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: clicks }
spec: { partitions: 2, key: "\${event.data.page}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: p-ages }
spec:
  from: { topic: clicks }
  steps: [{ window: { tumbling: 1m, by: "\${event.data.page}", aggregate: { clicks: count() } } }]
  to: [{ topic: clicks.counted }]
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: clicks.counted }
spec: {}
`;
const MINUTE = 60_000;
const NEVER = new AbortController().signal;
const LIMITS = { windows: 1000, bytes: 1_000_000, times: 100 };

/** `windows`: by partition, the key and the minute of each. `clocks`: its watermark. */
function storeOf(
  windows: readonly (readonly (readonly [key: string, minute: number])[])[],
  clocks: readonly unknown[],
) {
  const partitionOf = (scope: string) => Number(scope.split('/').at(-1));
  const rows = windows.map(all => {
    const made = all.map(([key, minute]) =>
      openWindow({ aggregates: [] }, key, minute * MINUTE, (minute + 1) * MINUTE),
    );
    return made.map(each => ({ key: rowOf(each), value: Buffer.from(encodeWindow(each)), version: '', position: '' }));
  });
  const read: number[] = [];
  return {
    read,
    row: async (scope: string) => {
      const value = Buffer.from(JSON.stringify({ watermark: [clocks[partitionOf(scope)], []] }));
      return { key: 'clock', value, version: '' };
    },
    scan: async (scope: string, _table: string, { limit, after }: { limit: number; after?: string | undefined }) => {
      const all = rows[partitionOf(scope)] ?? [];
      const from = Number(after ?? 0);
      const page = all.slice(from, from + Math.min(limit, 2));
      read.push(page.length);
      const next = from + page.length;
      return { rows: page, next: next < all.length ? String(next) : undefined };
    },
    countRows: async (scope: string) => rows[partitionOf(scope)]?.length,
  };
}

describe('the open windows of a Pipeline', () => {
  const { resources, problems } = loadText('app.yaml', APP);
  assert.deepEqual(problems, []);
  const { pipelines } = compileEvents(createResourceSet(resources), { storage: true, kafka: false });
  const list = (store: ReturnType<typeof storeOf>, limits = LIMITS) =>
    createOpenWindows(
      { world: createFakeWorld(), storage: { store }, pipelines: { pipelines: pipelines.map(plan => ({ plan })) } },
      limits,
    );

  it('are listed by their time over all partitions, with their keys and how far time has come', async () => {
    const store = storeOf(
      [
        [
          ['a', 1],
          ['b', 1],
          ['a', 2],
        ],
        [
          ['c', 1],
          ['c', 0],
        ],
      ],
      [70_000, 65_000],
    );
    const time = (minute: number) => `1970-01-01T00:0${minute}:00.000Z`;
    assert.deepEqual(await list(store)('default', 'p-ages', NEVER), [
      {
        table: 'p_ages_window',
        isKeyed: true,
        watermark: '1970-01-01T00:01:05.000Z',
        count: 5,
        isExact: true,
        read: 5,
        open: [
          { start: time(0), end: time(1), count: 1 },
          { start: time(1), end: time(2), count: 3 },
          { start: time(2), end: time(3), count: 1 },
        ],
      },
    ]);
  });

  it('have no time before the first event', async () => {
    const [windows] = await list(storeOf([[], []], [null, null]))('default', 'p-ages', NEVER);
    assert.deepEqual([windows?.watermark, windows?.count, windows?.open], [undefined, 0, []]);
  });

  it('are read within bounds: each partition has its share, and the answer says how many there are', async () => {
    const many = Array.from({ length: 9 }, (_, minute) => ['k', minute] as const);
    const store = storeOf([many, many.slice(5)], [0, 0]);
    const [windows] = await list(store, { windows: 6, bytes: 1_000_000, times: 4 })('default', 'p-ages', NEVER);
    assert.deepEqual([windows?.count, windows?.read, windows?.isExact], [13, 6, true]);
    assert.deepEqual([windows?.open.length, windows?.more], [4, 2]);
    assert.equal(
      store.read.reduce((sum, each) => sum + each, 0),
      6,
    );
    const [few] = await list(storeOf([many, many], [0, 0]), { ...LIMITS, bytes: 10 })('default', 'p-ages', NEVER);
    assert.deepEqual([few?.count, few?.read], [18, 2]);
  });

  it('are those of a Pipeline that runs', async () => {
    await assert.rejects(list(storeOf([], []))('default', 'other', NEVER), { code: 'not-found' });
    await assert.rejects(list(storeOf([], []))('other', 'p-ages', NEVER), { code: 'not-found' });
  });
});
