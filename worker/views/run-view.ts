// Runs one generation of a View: a stage for each of its sources, which brings events to the
// partition of their key, and one that folds them.

import { addressOf, isFor } from '../../core/cloudevents/addressee.ts';
import { TenfoldError } from '../../core/errors.ts';
import { deadTopicOf, viewGroupOf, viewInputTopicOf } from '../../core/names.ts';
import type { ViewDirectory } from '../../core/views/view-directory.ts';
import { VIEW_CONSUMER, type ViewLayout } from '../../core/views/view-layout.ts';
import type { ViewSignals } from '../../core/views/view-signals.ts';
import type { World } from '../../core/world.ts';
import { COPY_BYTES, type EventLog, type LogRecord } from '../../drivers/event-log/event-log.ts';
import type { SearchIndex } from '../../drivers/search-index/search-index.ts';
import type { Tables } from '../../drivers/store/tables.ts';
import type { Caller } from '../deliver/caller.ts';
import type { RecentDeliveries } from '../deliver/recent-deliveries.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { ensureAtLeast } from '../dispatch/group/ensure-at-least.ts';
import type { DeadLetter } from '../dispatch/settings.ts';
import { type FoldStore, type IsRepeat, startFold } from '../fold/fold.ts';
import { type Keyed, startRekey } from '../fold/rekey.ts';
import type { Stage, StageObserver } from '../fold/stage.ts';
import { countingOnce, passOn, takingOnce } from './projection/projected.ts';
import { runProjection } from './projection/run-projection.ts';
import { createSetAside } from './set-aside.ts';
import { createFollowers } from './shapes/followers.ts';
import type { ShapeSources, ShapeStore, ViewShape } from './shapes/view-shape.ts';
import type { ProjectionSettings, ViewSettings } from './view-settings.ts';

export interface RunViewOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly store: FoldStore & Pick<Tables, 'rows'>;
  readonly search: Pick<SearchIndex, 'ensureIndex' | 'change'>;
  /** Called for each key that changes. */
  readonly signals?: ViewSignals | undefined;
  /** The directory of other Views that it asks; needed for feeds of followers. */
  readonly views?: Pick<ViewDirectory, 'serving'>;
  /** Calls a function; needed where events go through one first. */
  callerOf?(namespace: string, target: { readonly function: string }, by: 'view'): Caller;
  /** Remembers the newest calls of it; without it their times are not known. */
  readonly recent?: RecentDeliveries | undefined;
  /**
   * Throttles its reading: resolves when so many more events may be read. Without it they are read
   * as fast as possible.
   */
  pace?(records: number, signal: AbortSignal): Promise<void>;
  /** Called for each unusable event. */
  deadLettered?(letter: DeadLetter): Promise<void>;
  readonly settings: ViewSettings;
  readonly observer: StageObserver;
}

export interface RunningView {
  readonly layout: ViewLayout;
  /** Topics of the log. */
  readonly sources: readonly string[];
  /** By source. */
  readonly rekeys: ReadonlyMap<string, Stage>;
  readonly fold: Stage;
  close(graceMs: number): Promise<void>;
}

type Part = Stage | Dispatcher;
type SetAside = ReturnType<typeof createSetAside>;

/** Rejects when a topic or the log is not there yet. */
export async function runView(options: RunViewOptions): Promise<RunningView> {
  const { layout, sources, projection } = options.settings;
  const setAside = await prepare(options);
  const closing = new AbortController();
  const started: Part[] = [];
  const rekeys = new Map<string, Stage>();
  try {
    if (projection) started.push(...(await startProjection(options, projection, setAside)));
    const shapeSources = createShapeSources(options, closing.signal);
    for (const source of projection ? [layout.projected] : sources) {
      const stage = await startSource(options, source, shapeSources, setAside);
      started.push(stage);
      rekeys.set(source, stage);
    }
    const fold = await startViewFold(options, setAside);
    started.push(fold);
    return {
      layout,
      sources,
      rekeys,
      fold,
      close(graceMs) {
        closing.abort(new Error('The View is closed.'));
        return closeAll(started, graceMs);
      },
    };
  } catch (error) {
    closing.abort(error);
    await closeAll(started, 0);
    throw error;
  }
}

/** Makes what the stages write to: the internal topic, the index, and the topic of dead letters. */
async function prepare({ world, log, search, settings, deadLettered }: RunViewOptions): Promise<SetAside> {
  const { namespace, name, layout, shape, deadLetterRetention } = settings;
  await log.ensureTopic(layout.topic, { partitions: layout.partitions, recordBytes: COPY_BYTES });
  if (shape.index) await search.ensureIndex(layout.index, shape.index);
  const deadLetters = { partitions: layout.partitions, retentionMs: deadLetterRetention };
  await ensureAtLeast(log, deadTopicOf(viewGroupOf(namespace, name)), deadLetters);
  return createSetAside({ world, log, namespace, name, deadLetters, ...(deadLettered ? { deadLettered } : {}) });
}

function startProjection(
  { world, log, settings, callerOf, recent, observer }: RunViewOptions,
  projection: ProjectionSettings,
  setAside: SetAside,
): Promise<Dispatcher[]> {
  if (callerOf === undefined) throw new TenfoldError('unsupported', `${settings.name}: nothing here calls functions`);
  const caller = callerOf(settings.namespace, { function: projection.function }, 'view');
  return runProjection({ world, log, settings, projection, caller, recent, observer, setAside });
}

function createShapeSources(options: RunViewOptions, signal: AbortSignal): ShapeSources {
  const { world, log, store, views } = options;
  const { followers: settings } = options.settings;
  const followers =
    settings && views ? createFollowers({ world, log, store, views, settings, signal }) : async () => undefined;
  return { followers };
}

/** Brings the events of a source to the partition of their key. */
function startSource(
  { world, log, settings, pace, observer }: RunViewOptions,
  source: string,
  shapeSources: ShapeSources,
  setAside: SetAside,
): Promise<Stage> {
  const { namespace, name, layout, shape, projection } = settings;
  const address = addressOf({ kind: 'View', namespace, name });
  const project = (record: LogRecord) => {
    if (!isFor(record, address)) return [];
    const keyed = shape.project(record, shapeSources);
    return projection ? passAllOn(record, keyed) : keyed;
  };
  return startRekey({
    world,
    log,
    settings: {
      group: layout.rekeyGroupOf(source),
      topic: source,
      target: layout.topic,
      project,
      refused: setAside(source),
      marked: source === viewInputTopicOf(namespace, name),
      pace,
    },
    observer,
  });
}

function startViewFold(options: RunViewOptions, setAside: SetAside): Promise<Stage> {
  const { world, log, store, search, signals, settings, observer } = options;
  const { layout, shape, projection } = settings;
  const { topic, group, scopeOf } = layout;
  const folded = projection ? takingOnce(shape) : countingOnce(shape);
  const shapeStore: ShapeStore = {
    now: () => world.now(),
    rows: (scope, table, keys) => store.rows(scope, table, keys),
    changeDocuments: changes => search.change(layout.index, changes),
  };
  const toChanges = (records: readonly LogRecord[], scope: string, isRepeat: IsRepeat) =>
    folded.toChanges(records, scope, shapeStore, isRepeat);
  const upkeep = folded.upkeep && {
    everyMs: folded.upkeep.everyMs,
    toChanges: async (scope: string) => (await folded.upkeep?.toChanges(scope, store, world.now())) ?? [],
  };
  const applied = (_partition: number, records: readonly LogRecord[]) => {
    signals?.changed(
      group,
      records.map(({ key }) => key ?? ''),
    );
  };
  return startFold({
    world,
    log,
    store,
    settings: { group, topic, consumer: VIEW_CONSUMER, scopeOf, toChanges, refused: setAside(), upkeep, applied },
    observer,
  });
}

async function passAllOn(record: LogRecord, keyed: ReturnType<ViewShape['project']>): Promise<readonly Keyed[]> {
  return (await keyed).map((each, at) => {
    return { ...each, headers: { ...each.headers, ...passOn(record, each.place ?? at) } };
  });
}

async function closeAll(stages: readonly Part[], graceMs: number): Promise<void> {
  await Promise.all(stages.map(stage => stage.close(graceMs)));
}
