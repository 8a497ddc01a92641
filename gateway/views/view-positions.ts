// How far a View is behind its topics, and whether it has got as far as an event.
import { TenfoldError } from '../../core/errors.ts';
import { pauseAfter } from '../../core/retry/backoff.ts';
import { VIEW_CONSUMER, type ViewLayout } from '../../core/views/view-layout.ts';
import { SOURCE_TIME_HEADER } from '../../core/wire.ts';
import { sleep, type World } from '../../core/world.ts';
import type { EventLog, ReadLimits } from '../../drivers/event-log/event-log.ts';
import { hasRecord } from '../../drivers/event-log/has-record.ts';
import type { Folds } from '../../drivers/store/store.ts';
import type { ViewSource } from '../../resources/views/sources-of-view.ts';
import type { EventPosition } from './view-query.ts';

export interface PositionsOptions {
  readonly world: World;
  readonly log: Pick<EventLog, 'bounds' | 'positions' | 'read'>;
  readonly store: Pick<Folds, 'position'>;
  readonly layout: ViewLayout;
  readonly sources: readonly ViewSource[];
  /** Rejects when it makes no sense any more to wait for this generation: another one serves. */
  stillServes?(): Promise<void>;
}

export interface ViewFreshness {
  /** All events that had been appended until then are in, milliseconds since 1970. */
  readonly asOf: number;
  /** Records on their way through the topics; an event is one or two of them. */
  readonly behind: number;
}

export interface ViewPositions {
  /** Never younger than it says: asked at most a few times a second, however many ask. */
  freshness(): Promise<ViewFreshness>;
  /**
   * Resolves when the view has got as far as all of them; rejects with the signal's reason, or
   * `bad-request` for a topic that is not the view's.
   */
  reached(positions: readonly EventPosition[], signal: AbortSignal): Promise<void>;
}

/** A reading counts for so long. */
const KEPT_MS = 250;
/** It is given again while a newer one is being read, unless it is older than this. */
const STALE_MS = 2_000;
const LOOKS = { base: 5, max: 100 };
const ONE = { maxRecords: 1, maxBytes: 1 };
/**
 * Records that wait in a partition of an internal topic: the oldest event need not be the first,
 * since several sources are merged there.
 */
const SOME = { maxRecords: 1_000, maxBytes: 1024 * 1024 };

export function createViewPositions(options: PositionsOptions): ViewPositions {
  const { world, log, store, layout, sources } = options;
  let known: { readonly at: number; readonly freshness: ViewFreshness } | undefined;
  let asking: Promise<ViewFreshness> | undefined;

  const ask = (): Promise<ViewFreshness> => {
    asking ??= readViewFreshness(options)
      .then(freshness => {
        known = { at: world.monotonic(), freshness };
        return freshness;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };

  /** The source's stage has appended all that comes of the event. */
  const isKeyed = async ({ topic, partition, offset }: EventPosition): Promise<boolean> => {
    const source = sourceOf(sources, topic);
    const positions = await log.positions(layout.rekeyGroupOf(source.topic), source.topic);
    return (positions[partition]?.offset ?? 0) > offset;
  };

  const isThrough = async (topic: string, ends: readonly number[], positions: readonly (number | undefined)[]) => {
    const open = ends.map((end, partition) => hasRecord(log, topic, partition, positions[partition] ?? 0, end));
    return (await Promise.all(open)).every(has => !has);
  };

  const until = async (signal: AbortSignal, holds: () => Promise<boolean>) => {
    for (let looks = 1; !(await holds()); looks++) {
      await options.stillServes?.();
      await sleep(world, pauseAfter(looks, LOOKS, world.random()), signal);
    }
  };

  return {
    async freshness() {
      const age = known === undefined ? Number.POSITIVE_INFINITY : world.monotonic() - known.at;
      if (known === undefined || age > STALE_MS) return ask();
      if (age > KEPT_MS) ask().catch(() => undefined);
      return known.freshness;
    },
    async reached(positions, signal) {
      for (const position of positions) sourceOf(sources, position.topic);
      for (const position of positions) await until(signal, () => isKeyed(position));
      const made = await endsOf(log, layout.projected);
      await until(signal, async () => {
        if (made.length === 0) return true;
        const keyed = await log.positions(layout.rekeyGroupOf(layout.projected), layout.projected);
        return isThrough(
          layout.projected,
          made,
          keyed.map(position => position?.offset),
        );
      });
      // The results of the events are below these ends, wherever their keys belong.
      const ends = await endsOf(log, layout.topic);
      await until(signal, async () => isThrough(layout.topic, ends, await foldPositions(store, layout, ends.length)));
    },
  };
}

function sourceOf(sources: readonly ViewSource[], topic: string): ViewSource {
  const found = sources.find(({ name }) => name === topic);
  if (found) return found;
  throw new TenfoldError(
    'bad-request',
    `The View takes no events of a topic ${topic}; it takes those of ${sources.map(({ name }) => name).join(' and ')}.`,
  );
}

/** Sources first: what has left them meanwhile is then met in the internal topic. */
export async function readViewFreshness({
  world,
  log,
  store,
  layout,
  sources,
}: PositionsOptions): Promise<ViewFreshness> {
  let asOf = world.now();
  let behind = 0;
  const waits = async (topic: string, partition: number, from: number, end: number, limits: ReadLimits) => {
    if (from >= end) return;
    const { records } = await log.read(topic, partition, from, limits);
    // Offsets at the end may hold nothing.
    if (records.length > 0) behind += end - from;
    for (const { headers, timestamp } of records) {
      asOf = Math.min(asOf, Number(headers[SOURCE_TIME_HEADER] ?? timestamp));
    }
  };
  for (const topic of [...sources.map(source => source.topic), layout.projected]) {
    const bounds = (await log.bounds(topic)) ?? [];
    if (bounds.length === 0) continue;
    const positions = await log.positions(layout.rekeyGroupOf(topic), topic);
    for (const [partition, { start, end }] of bounds.entries()) {
      const from = Math.max(positions[partition]?.offset ?? start, start);
      await waits(topic, partition, from, end, topic === layout.projected ? SOME : ONE);
    }
  }
  const bounds = (await log.bounds(layout.topic)) ?? [];
  const positions = await foldPositions(store, layout, bounds.length);
  for (const [partition, { start, end }] of bounds.entries()) {
    const from = Math.max(positions[partition] ?? start, start);
    await waits(layout.topic, partition, from, end, SOME);
  }
  return { asOf, behind };
}

/** It is 0 for an empty partition, and missing where there is no such topic. */
async function endsOf(log: PositionsOptions['log'], topic: string): Promise<number[]> {
  return ((await log.bounds(topic)) ?? []).map(({ start, end }) => (end > start ? end : 0));
}

function foldPositions(
  store: Pick<Folds, 'position'>,
  layout: ViewLayout,
  partitions: number,
): Promise<(number | undefined)[]> {
  return Promise.all(
    Array.from({ length: partitions }, (_, partition) =>
      store.position(layout.scopeOf(partition), VIEW_CONSUMER, partition),
    ),
  );
}
