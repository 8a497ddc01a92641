// Runs the generations of one View: the one that serves, and a new one beside it until that has
// caught up. Then they change places.
import { TenfoldError } from '../../../core/errors.ts';
import { viewGroupOf } from '../../../core/names.ts';
import { jittered, pauseAfter } from '../../../core/retry/backoff.ts';
import { RETIRED_MS } from '../../../core/views/view-directory.ts';
import {
  aimAt,
  readGenerations,
  type ViewGeneration,
  type ViewGenerations,
  writeGenerations,
} from '../../../core/views/view-generations.ts';
import { sleep, type World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { SearchIndex } from '../../../drivers/search-index/search-index.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { DesiredVersions } from '../../plan/desired-versions.ts';
import type { RunningView } from '../run-view.ts';
import { hasCaughtUp } from './caught-up.ts';
import { createLostIndexes } from './lost-index.ts';
import { findLeftovers, removeViewLeftovers } from './remove-leftovers.ts';

export interface ViewWanted {
  readonly namespace: string;
  readonly name: string;
  /** Hash of all that decides the stored data. */
  readonly definition: string;
  readonly manifest: unknown;
  readonly sources: ViewGeneration['sources'];
}

export interface GenerationsOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly store: Store;
  readonly search: Pick<SearchIndex, 'indexes' | 'dropIndex'>;
  readonly wanted: ViewWanted;
  /** The versions that other processes desire; undefined where there are none. */
  readonly desiredVersions?: DesiredVersions | undefined;
  /**
   * Starts to fold a generation. Undefined for a generation whose definition is not understood any
   * more: it serves as it is. `caughtUp` aborts when it serves, so that nothing holds it back from
   * then on.
   */
  run(generation: ViewGeneration, caughtUp: AbortSignal): Promise<RunningView | undefined>;
  /** The generation serves now; called again after a restart, too. */
  serves(generation: ViewGeneration): Promise<void>;
  /** Called for failures that are tried again, or left behind. */
  /** The search index of the generation; undefined where it has none. */
  indexOf?(generation: ViewGeneration): string | undefined;
  problem(message: string, error: unknown): void;
}

export type GenerationRole = 'serving' | 'building';

export interface RunningGeneration {
  readonly generation: ViewGeneration;
  readonly role: GenerationRole;
  readonly view: RunningView | undefined;
}

export interface RunningGenerations {
  readonly generations: readonly RunningGeneration[];
  /** The state has changed: looks at it at once. */
  look(): void;
  close(graceMs: number): Promise<void>;
}

interface FeedEntry {
  readonly generation: ViewGeneration;
  role: GenerationRole;
  readonly view: RunningView | undefined;
  readonly caughtUp: AbortController;
}

/** How soon it notices other processes, and people who ask to build a View anew. */
const LOOK_EVERY_MS = 1_000;
/** While another build is under way. */
const LOOKS = { base: 25, max: LOOK_EVERY_MS };
const CLOSE_GRACE_MS = 5_000;

/** Rejects when the generations cannot be started: a topic or the log is not there yet. */
export async function runGenerations(options: GenerationsOptions): Promise<RunningGenerations> {
  const { world, wanted, problem } = options;
  const { namespace, name } = wanted;
  const entries = new Map<string, FeedEntry>();
  const stuck = new Set<string>();
  const closing = new AbortController();
  const { signal } = closing;
  let waking = new AbortController();
  const of = `View ${name}`;
  const isLost = createLostIndexes({
    world,
    search: options.search,
    indexOf: generation => options.indexOf?.(generation),
    lost: index =>
      problem(
        `${of}: its search index is gone, so it is built anew from its topics`,
        new TenfoldError('not-found', `There is no search index ${index} any more. Was it deleted?`),
      ),
  });

  const start = async (generation: ViewGeneration, role: GenerationRole) => {
    const before = entries.get(generation.id);
    if (before?.role !== 'serving' && role === 'serving') await options.serves(generation);
    const caughtUp = before?.caughtUp ?? new AbortController();
    if (role === 'serving') caughtUp.abort(new Error('The generation serves.'));
    if (before) before.role = role;
    else
      entries.set(generation.id, { generation, role, view: await options.run(generation, caughtUp.signal), caughtUp });
  };
  /**
   * A serving generation may be impossible to fold now, as when a topic of it is gone. It serves as
   * it is and must not keep the new one from being built.
   */
  const startServing = async (serving: ViewGeneration, hasNew: boolean) => {
    try {
      if (hasNew && !entries.has(serving.id) && (await isLost(serving))) return;
      await start(serving, 'serving');
    } catch (error) {
      if (!hasNew) throw error;
      if (!stuck.has(serving.id)) problem(`${of}: what serves is not folded on while the new one is built`, error);
      stuck.add(serving.id);
    }
  };

  const stop = async (id: string) => {
    const entry = entries.get(id);
    entries.delete(id);
    await entry?.view?.close(CLOSE_GRACE_MS);
  };

  /** The state in the store decides which generations run. */
  const follow = async ({ serving, building }: ViewGenerations) => {
    if (serving) await startServing(serving, building !== undefined);
    if (building) await start(building, 'building');
    for (const id of entries.keys()) if (id !== serving?.id && id !== building?.id) await stop(id);
  };

  const tend = async () => {
    const swept = new Set<string>();
    /** The error of the last attempt, reported once, not with every attempt. */
    let why: string | undefined;
    for (let looks = 1; !signal.aborted; looks++) {
      let isBusy = true;
      try {
        const state = await settle(options);
        const building = state.building && entries.get(state.building.id)?.view;
        await follow(state);
        const others = [state.serving?.id, state.building?.id].join();
        if (!swept.has(others)) {
          swept.clear();
          swept.add(others);
          sweep();
        }
        if (state.building === undefined) isBusy = false;
        else if (building && (await hasCaughtUp(options, building, signal))) {
          // It runs once more, as a store that has lost its newest changes may have forgotten what
          // it had folded.
          if ((await hasCaughtUp(options, building, signal)) && (await swap(options, state))) looks = 1;
        }
        why = undefined;
      } catch (error) {
        if (signal.aborted) return;
        const text = String(error);
        if (text !== why) problem(`${of}: its generations cannot be looked after now; this is tried again`, error);
        why = text;
        isBusy = false;
      }
      const woken = AbortSignal.any([signal, waking.signal]);
      const pause = isBusy ? pauseAfter(looks, LOOKS, world.random()) : jittered(LOOK_EVERY_MS, world.random());
      await sleep(world, pause, woken).catch(() => undefined);
    }
  };

  /** Leftovers of now are removed later, when nobody reads them any more. */
  const sweep = () => {
    const group = viewGroupOf(namespace, name);
    findLeftovers(options, group)
      .then(async leftovers => {
        await sleep(world, RETIRED_MS, signal);
        await removeViewLeftovers(options, group, leftovers);
      })
      .catch(error => signal.aborted || problem(`${of}: what an earlier build had kept could not be removed`, error));
  };

  const close = async (graceMs: number) => {
    closing.abort(new Error('The View is closed.'));
    await Promise.all([...entries.values()].map(({ view }) => view?.close(graceMs)));
    entries.clear();
  };

  try {
    // This comes before any decision: a process that has not heard of this definition must not
    // think that nobody desires it.
    await options.desiredVersions?.want(subjectOf(wanted), wanted.definition);
    await follow(await settle(options));
  } catch (error) {
    await close(0);
    throw error;
  }
  const tending = tend();
  return {
    get generations() {
      return [...entries.values()];
    },
    look() {
      waking.abort(new Error('There is something to look at.'));
      waking = new AbortController();
    },
    async close(graceMs) {
      await close(graceMs);
      await tending;
      // A generation that started while the View was closed.
      await close(graceMs);
    },
  };

  /**
   * Makes the state say that the desired generation serves or is being built; returns the state
   * then.
   */
  async function settle({ world, log, store }: GenerationsOptions): Promise<ViewGenerations> {
    for (;;) {
      const state = await readGenerations(store, namespace, name);
      const { serving, building } = state;
      const topics = new Map((await log.topics()).map(({ name: topic, id }) => [topic, id]));
      const isWanted = (one: ViewGeneration | undefined) =>
        one?.definition === wanted.definition && !one.sources.some(source => isAnother(source, topics));
      // Its index may not exist before it is run here.
      const isBroken = building !== undefined && entries.has(building.id) && (await isLost(building));
      if (isWanted(building) && !isBroken) return state;
      const serves = isWanted(serving) && !(serving && (await isLost(serving)));
      if (serves && building === undefined) return state;
      if (await mustYield(options, state)) return state;
      const next = serves && !isBroken ? undefined : generationOf(world, wanted, topics);
      await writeGenerations(world, store, namespace, name, {
        ...state,
        ...aimAt(state, wanted.definition),
        building: next,
      });
    }
  }
}

/** Whether this process did it. */
async function swap({ world, store, wanted }: GenerationsOptions, state: ViewGenerations): Promise<boolean> {
  const { namespace, name } = wanted;
  const { building, version } = state;
  if (building === undefined) return false;
  const next = { ...state, serving: building, building: undefined, version };
  return writeGenerations(world, store, namespace, name, next);
}

/**
 * Whether the definition of this process has given way to that of others. It is older then, and
 * they go on until none of them is left. So of two versions that run beside each other the newer
 * one is built, whichever process restarts meanwhile. After a way back it is the older one.
 */
export async function mustYield(
  { desiredVersions, wanted }: Pick<GenerationsOptions, 'desiredVersions' | 'wanted'>,
  { serving, building, superseded }: ViewGenerations,
): Promise<boolean> {
  const aim = (building ?? serving)?.definition;
  if (desiredVersions === undefined || aim === undefined || aim === wanted.definition) return false;
  return superseded.includes(wanted.definition) && (await desiredVersions.isWanted(subjectOf(wanted), aim));
}

export function subjectOf({ namespace, name }: Pick<ViewWanted, 'namespace' | 'name'>): string {
  return `View/${namespace}/${name}`;
}

/** `topics`: their ids by name. */
export function generationOf(
  world: World,
  { definition, manifest, sources }: ViewWanted,
  topics: ReadonlyMap<string, string>,
): ViewGeneration {
  const id = world.id().replaceAll('-', '').slice(0, 12);
  const known = sources.map(({ name, topic }) => ({ name, topic, id: topics.get(topic) }));
  return { id, definition, manifest, sources: known, since: world.now() };
}

/**
 * A topic that was deleted and made again begins at its first offset once more. The seen marks of
 * the old one say nothing about it.
 */
function isAnother({ topic, id }: ViewGeneration['sources'][number], topics: ReadonlyMap<string, string>): boolean {
  const now = topics.get(topic);
  return id !== undefined && now !== undefined && now !== id;
}
