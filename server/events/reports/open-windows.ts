// The windows of a Pipeline that still count, by their time, as their owners have stored them.
import type { EventControl, OpenWindows, OpenWindowsOfTime } from '../../../admin/event-view.ts';
import { FairPlaces } from '../../../core/fair-places.ts';
import { toTimestamp, type World } from '../../../core/world.ts';
import { MAX_COUNTED } from '../../../drivers/store/limits.ts';
import type { Tables } from '../../../drivers/store/tables.ts';
import type { PipelinePlane } from '../../../worker/pipeline-plane.ts';
import { windowScopeOf } from '../../../worker/pipelines/run-window.ts';
import type { WindowStagePlan } from '../../../worker/pipelines/topology.ts';
import { timeOfWindow } from '../../../worker/pipelines/window/open-window.ts';
import { readClock } from '../../../worker/pipelines/window/saved-clock.ts';
import { WINDOWS_TABLE } from '../../../worker/pipelines/window/window-partition.ts';
import type { PipelinePlan } from '../../../worker/plan/compile-pipelines.ts';
import { windowTableNameOf } from '../../sql/tables-of-plan.ts';
import { windowsOf } from '../../sql/window-tables.ts';
import { noSuch } from '../control/no-such.ts';

export interface OpenWindowsDeps {
  readonly world: World;
  readonly storage: { readonly store: Pick<Tables, 'row' | 'scan' | 'countRows'> };
  readonly pipelines: { readonly pipelines: readonly Pick<PipelinePlane['pipelines'][number], 'plan'>[] };
}

export interface OpenWindowsLimits {
  /** Windows that one answer reads of each `window` step, over all partitions. */
  readonly windows: number;
  /** Their bytes: a window that counts distinct values may take many. */
  readonly bytes: number;
  /** Spans of time that it lists. */
  readonly times: number;
}

const LIMITS: OpenWindowsLimits = { windows: 10_000, bytes: 16 * 1024 * 1024, times: 100 };
const PLACES = 2;
const WAITING = 16;
const WAIT_MS = 8_000;

export function createOpenWindows(
  { world, storage, pipelines }: OpenWindowsDeps,
  limits = LIMITS,
): EventControl['openWindows'] {
  const places = new FairPlaces({ world, places: PLACES, waiting: WAITING, waitMs: WAIT_MS, what: 'lists of windows' });
  return async (namespace, name, signal) => {
    const isWanted = ({ settings }: PipelinePlan) => settings.namespace === namespace && settings.name === name;
    const plan = pipelines.pipelines.find(each => isWanted(each.plan))?.plan;
    if (plan === undefined) throw noSuch('Pipeline', namespace, name);
    const end = await places.take(namespace, PLACES, signal);
    try {
      const all: OpenWindows[] = [];
      for (const [index, window] of windowsOf(plan).entries()) {
        const table = windowTableNameOf(name, index);
        all.push({ table, ...(await readOpen(plan, window, storage.store, limits, signal)) });
      }
      return all;
    } finally {
      end();
    }
  };
}

/** Each partition has its share of the limits, so none hides the windows of another. */
async function readOpen(
  { settings: { namespace, name } }: PipelinePlan,
  { id, plan, partitions }: WindowStagePlan,
  store: OpenWindowsDeps['storage']['store'],
  limits: OpenWindowsLimits,
  signal: AbortSignal,
): Promise<Omit<OpenWindows, 'table'>> {
  const share = Math.max(1, Math.floor(limits.windows / partitions));
  const times = new Map<string, { start: number; end: number; count: number }>();
  const watermarks: number[] = [];
  let [count, read, bytes, isExact] = [0, 0, 0, true];
  for (let partition = 0; partition < partitions; partition++) {
    signal.throwIfAborted();
    const scope = windowScopeOf(namespace, name, id, partition);
    const watermark = (await readClock(store, scope))?.watermark[0];
    if (typeof watermark === 'number') watermarks.push(watermark);
    const mostBytes = (limits.bytes * (partition + 1)) / partitions;
    let here = 0;
    let there: number | undefined;
    for (let after: string | undefined; ; ) {
      if (here >= share || bytes >= mostBytes) {
        const known = await store.countRows(scope, WINDOWS_TABLE, {}, MAX_COUNTED);
        isExact &&= known !== undefined;
        // Some may have closed since they were read.
        there = Math.max(here, known ?? MAX_COUNTED);
        break;
      }
      const page = await store.scan(scope, WINDOWS_TABLE, { limit: share - here, after });
      for (const { value } of page.rows) {
        bytes += value.byteLength;
        const { start, end } = timeOfWindow(Buffer.from(value).toString());
        const time = times.get(`${start} ${end}`) ?? { start, end, count: 0 };
        time.count++;
        times.set(`${start} ${end}`, time);
      }
      here += page.rows.length;
      after = page.next;
      if (after === undefined) break;
    }
    read += here;
    count += there ?? here;
  }
  const open = [...times.values()].sort((a, b) => a.end - b.end || a.start - b.start);
  const more = Math.max(0, open.length - limits.times);
  return {
    isKeyed: plan.keyed,
    watermark: watermarks.length === 0 ? undefined : toTimestamp(Math.min(...watermarks)),
    count,
    isExact,
    read,
    open: open.slice(0, limits.times).map(toTime),
    ...(more === 0 ? {} : { more }),
  };
}

function toTime({ start, end, count }: { start: number; end: number; count: number }): OpenWindowsOfTime {
  return { start: toTimestamp(start), end: toTimestamp(end), count };
}
