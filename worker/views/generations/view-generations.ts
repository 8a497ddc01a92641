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
import { inStep, sleep, type World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { SearchIndex } from '../../../drivers/search-index/search-index.ts';
import type { Store } from '../../../drivers/store/store.ts';
import type { DesiredVersions } from '../../plan/desired-versions.ts';
import type { RunningView } from '../run-view.ts';
import { hasCaughtUp } from './caught-up.ts';
import { createLostIndexes } from './lost-index.ts';
import { findLeftovers, removeViewLeftovers } from './remove-leftovers.ts';
import { generationOf, isAnother, mustYield, subjectOf, type ViewWanted } from './view-wanted.ts';

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
  /** The search index of the generation; undefined where it has none. */
  indexOf?(generation: ViewGeneration): string | undefined;
  /** Called for failures that are tried again, or left behind. */
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

interface FollowedGeneration {
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
  const generations = new Generations(options);
  await generations.start();
  return generations;
}

class Generations implements RunningGenerations {
  readonly #options: GenerationsOptions;
  readonly #isLost: ReturnType<typeof createLostIndexes>;
  readonly #entries = new Map<string, FollowedGeneration>();
  /** Serving generations that cannot be folded now, each reported once. */
  readonly #stuck = new Set<string>();
  readonly #closing = new AbortController();
  #waking = new AbortController();
  /** As it was read last. */
  #state: ViewGenerations | undefined;
  /** The generations at the last sweep. */
  #swept: string | undefined;
  #tending: Promise<void> | undefined;

  constructor(options: GenerationsOptions) {
    const { world, search } = options;
    this.#options = options;
    this.#isLost = createLostIndexes({
      world,
      search,
      indexOf: generation => options.indexOf?.(generation),
      lost: index =>
        this.#problem(
          'its search index is gone, so it is built anew from its topics',
          new TenfoldError('not-found', `There is no search index ${index} any more. Was it deleted?`),
        ),
    });
  }

  get generations(): readonly RunningGeneration[] {
    return [...this.#entries.values()];
  }

  look(): void {
    this.#waking.abort(new Error('There is something to look at.'));
    this.#waking = new AbortController();
  }

  async start(): Promise<void> {
    const { desiredVersions, wanted } = this.#options;
    try {
      // This comes before any decision: a process that has not heard of this definition must not
      // think that nobody desires it.
      await desiredVersions?.want(subjectOf(wanted), wanted.definition);
      await this.#follow(await this.#settle());
    } catch (error) {
      await this.#end(0);
      throw error;
    }
    this.#tending = this.#tend();
  }

  async close(graceMs: number): Promise<void> {
    await this.#end(graceMs);
    await this.#tending;
    // A generation that started while the View was closed.
    await this.#end(graceMs);
  }

  async #end(graceMs: number): Promise<void> {
    this.#closing.abort(new Error('The View is closed.'));
    await Promise.all([...this.#entries.values()].map(({ view }) => view?.close(graceMs)));
    this.#entries.clear();
  }

  /** Looks again and again, sooner while something happens, until the View is closed. */
  async #tend(): Promise<void> {
    const { world } = this.#options;
    const { signal } = this.#closing;
    /** The error of the last attempt, reported once, not with every attempt. */
    let why: string | undefined;
    for (let looks = 1; !signal.aborted; looks++) {
      let isBusy = false;
      try {
        const found = await this.#goOn();
        if (found === 'swapped') looks = 1;
        isBusy = found !== 'idle';
        why = undefined;
      } catch (error) {
        if (signal.aborted) return;
        const text = String(error);
        if (text !== why) this.#problem('its generations cannot be looked after now; this is tried again', error);
        why = text;
      }
      const woken = AbortSignal.any([signal, this.#waking.signal]);
      const rest = isBusy ? pauseAfter(looks, LOOKS, world.random()) : jittered(LOOK_EVERY_MS, world.random());
      await sleep(world, isBusy ? rest : inStep(world, rest), woken).catch(() => undefined);
    }
  }

  /**
   * Follows the state in the store. Returns whether a generation is being
   * built, or serves from now on.
   */
  async #goOn(): Promise<'idle' | 'building' | 'swapped'> {
    const options = this.#options;
    const { signal } = this.#closing;
    const state = await this.#settle();
    const building = state.building && this.#entries.get(state.building.id)?.view;
    await this.#follow(state);
    const others = [state.serving?.id, state.building?.id].join();
    if (this.#swept !== others) {
      this.#swept = others;
      this.#sweep();
    }
    if (state.building === undefined) return 'idle';
    if (building && (await hasCaughtUp(options, building, signal))) {
      // It runs once more, as a store that has lost its newest changes may have forgotten what it
      // had folded.
      if ((await hasCaughtUp(options, building, signal)) && (await swap(options, state))) return 'swapped';
    }
    return 'building';
  }

  /**
   * Makes the state say that the desired generation serves or is being built; returns the state
   * then.
   */
  async #settle(): Promise<ViewGenerations> {
    const options = this.#options;
    const { world, log, store, wanted } = options;
    const { namespace, name } = wanted;
    for (;;) {
      this.#state = await readGenerations(store, namespace, name, this.#state);
      const state = this.#state;
      const { serving, building } = state;
      const topics = new Map((await log.topics()).map(({ name: topic, id }) => [topic, id]));
      const isWanted = (one: ViewGeneration | undefined) =>
        one?.definition === wanted.definition && !one.sources.some(source => isAnother(source, topics));
      // Its index may not exist before it is run here.
      const isBroken = building !== undefined && this.#entries.has(building.id) && (await this.#isLost(building));
      if (isWanted(building) && !isBroken) return state;
      const serves = isWanted(serving) && !(serving && (await this.#isLost(serving)));
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

  /** The state in the store decides which generations run. */
  async #follow({ serving, building }: ViewGenerations): Promise<void> {
    if (serving) await this.#startServing(serving, building !== undefined);
    if (building) await this.#startOne(building, 'building');
    for (const id of this.#entries.keys()) if (id !== serving?.id && id !== building?.id) await this.#stop(id);
  }

  /**
   * A serving generation may be impossible to fold now, as when a topic of it is gone. It serves as
   * it is and must not keep the new one from being built.
   */
  async #startServing(serving: ViewGeneration, hasNew: boolean): Promise<void> {
    try {
      if (hasNew && !this.#entries.has(serving.id) && (await this.#isLost(serving))) return;
      await this.#startOne(serving, 'serving');
    } catch (error) {
      if (!hasNew) throw error;
      if (!this.#stuck.has(serving.id)) this.#problem('what serves is not folded on while the new one is built', error);
      this.#stuck.add(serving.id);
    }
  }

  async #startOne(generation: ViewGeneration, role: GenerationRole): Promise<void> {
    const options = this.#options;
    const { id } = generation;
    const before = this.#entries.get(id);
    if (before?.role !== 'serving' && role === 'serving') await options.serves(generation);
    const caughtUp = before?.caughtUp ?? new AbortController();
    if (role === 'serving') caughtUp.abort(new Error('The generation serves.'));
    if (before) before.role = role;
    else this.#entries.set(id, { generation, role, view: await options.run(generation, caughtUp.signal), caughtUp });
  }

  async #stop(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    await entry?.view?.close(CLOSE_GRACE_MS);
  }

  /** Leftovers of now are removed later, when nobody reads them any more. */
  #sweep(): void {
    const options = this.#options;
    const { world, wanted } = options;
    const { signal } = this.#closing;
    const group = viewGroupOf(wanted.namespace, wanted.name);
    findLeftovers(options, group)
      .then(async leftovers => {
        await sleep(world, RETIRED_MS, signal);
        await removeViewLeftovers(options, group, leftovers);
      })
      .catch(error => signal.aborted || this.#problem('what an earlier build had kept could not be removed', error));
  }

  #problem(message: string, error: unknown): void {
    const { wanted, problem } = this.#options;
    problem(`View ${wanted.name}: ${message}`, error);
  }
}

/** Makes the generation that is built serve. Resolves whether this process did it. */
async function swap({ world, store, wanted }: GenerationsOptions, state: ViewGenerations): Promise<boolean> {
  const { namespace, name } = wanted;
  const { building, version } = state;
  if (building === undefined) return false;
  const next = { ...state, serving: building, building: undefined, version };
  return writeGenerations(world, store, namespace, name, next);
}
