// Runs the Views of the plan in force: unchanged ones go on, changed ones are built anew beside the
// serving ones.
import { viewGroupOf } from '../core/names.ts';
import { createViewDirectory, type ViewDirectory } from '../core/views/view-directory.ts';
import {
  aimAt,
  readGenerations,
  type ViewGeneration,
  type ViewGenerations,
  writeGenerations,
} from '../core/views/view-generations.ts';
import { viewLayoutOf } from '../core/views/view-layout.ts';
import type { ViewSignals } from '../core/views/view-signals.ts';
import type { World } from '../core/world.ts';
import type { EventLog } from '../drivers/event-log/event-log.ts';
import type { SearchIndex } from '../drivers/search-index/search-index.ts';
import type { Store } from '../drivers/store/store.ts';
import type { DeadLetter } from './dispatch/settings.ts';
import type { StageObserver } from './fold/stage.ts';
import type { ViewPlan } from './plan/compile-views.ts';
import { type Runner, runConsumer } from './plan/consumer-runner.ts';
import type { DesiredVersions } from './plan/desired-versions.ts';
import { trimSettled } from './plan/log-trimmer.ts';
import { createPace } from './views/generations/pace.ts';
import {
  generationOf,
  mustYield,
  type RunningGenerations,
  runGenerations,
  subjectOf,
  type ViewWanted,
} from './views/generations/view-generations.ts';
import { type RunViewOptions, runView } from './views/run-view.ts';

export interface ViewPlaneOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly store: Store;
  readonly search: Pick<SearchIndex, 'ensureIndex' | 'dropIndex' | 'change' | 'pointAliases' | 'indexes'>;
  readonly signals?: ViewSignals | undefined;
  /** Resolves when the source topics have been made, or could not be. */
  topicsTried?(): Promise<void>;
  /** The versions of the Views that other processes desire; undefined where there are none. */
  readonly desiredVersions?: DesiredVersions | undefined;
  /** Calls the functions that events of a View go through first. */
  readonly callerOf?: RunViewOptions['callerOf'];
  observerFor(plan: ViewPlan): StageObserver;
  /**
   * Called with unusable events of the serving generation: a generation that is built anew has met
   * them before.
   */
  deadLetteredBy?(plan: ViewPlan): ((letter: DeadLetter) => Promise<void>) | undefined;
  problem(message: string, error: unknown): void;
}

export interface ViewState {
  readonly plan: ViewPlan;
  readonly runner: Runner<RunningGenerations>;
}

export interface ViewPlane {
  apply(plans: readonly ViewPlan[]): void;
  /** Resolves when every View runs, or one attempt at it has failed. */
  settled(): Promise<void>;
  readonly views: readonly ViewState[];
  /**
   * Begins to build the View anew, beside the serving generation. Returns the id of the new
   * generation, also of one that is being built already.
   */
  rebuild(plan: ViewPlan): Promise<string>;
  close(graceMs: number): Promise<void>;
}

const RESTART_GRACE_MS = 5_000;
/** Folded records are needed again only when the store has lost its newest changes. */
const REFOLD_MS = 86_400_000;

export function createViewPlane(options: ViewPlaneOptions): ViewPlane {
  const { world, log, store, problem } = options;
  const views = new Map<string, ViewState>();
  const ending = new Map<string, Promise<void>>();
  const directory = createViewDirectory(world, store);
  /** The Views whose desired version other processes know from this one. */
  const wished = new Map<string, { readonly namespace: string; readonly name: string }>();
  let closed = false;

  const running = () => [...views.values()].flatMap(({ plan, runner }) => (runner.running ? [{ plan, runner }] : []));
  const trimmer = trimSettled(world, log, store, problem);
  trimmer.apply(() =>
    running().flatMap(({ plan, runner }) =>
      (runner.running?.generations ?? []).flatMap(({ generation }) => {
        const { namespace, name } = plan.resource.metadata;
        const { topic, group, projected, rekeyGroupOf } = viewLayoutOf(namespace, name, generation.id);
        const made = { topic: projected, group: rekeyGroupOf(projected), keepMs: REFOLD_MS };
        return [{ topic, group, keepMs: REFOLD_MS }, ...(plan.resource.spec.project ? [made] : [])];
      }),
    ),
  );

  const run = (key: string, plan: ViewPlan): ViewState => {
    const { name } = plan.resource.metadata;
    const start = async () => {
      await ending.get(key);
      await options.topicsTried?.();
      return startGenerations(options, directory, plan);
    };
    return { plan, runner: runConsumer(world, start, error => problem(`View ${name} does not start`, error)) };
  };

  const stop = (key: string, { runner, plan }: ViewState, graceMs: number) => {
    views.delete(key);
    const end = Promise.all([ending.get(key), runner.close(graceMs)])
      .then(() => undefined)
      .catch(error => problem(`View ${plan.resource.metadata.name} did not end well`, error))
      .finally(() => {
        if (ending.get(key) === end) ending.delete(key);
      });
    ending.set(key, end);
  };

  /** A definition that others have put in its place is built anew. */
  const wantedNow = async (plan: ViewPlan, state: ViewGenerations): Promise<ViewWanted> => {
    const wanted = wantedOf(plan);
    const { serving } = state;
    const yields = serving !== undefined && (await mustYield({ ...options, wanted }, state));
    return yields ? { ...wanted, ...serving } : wanted;
  };

  return {
    apply(plans) {
      if (closed) return;
      const wanted = new Map(plans.map(plan => [keyOf(plan), plan]));
      for (const [key, state] of views) {
        if (wanted.get(key)?.fingerprint !== state.plan.fingerprint) stop(key, state, RESTART_GRACE_MS);
      }
      for (const [key, plan] of wanted) if (!views.has(key)) views.set(key, run(key, plan));
      for (const [key, { namespace, name }] of wished) {
        if (wanted.has(key)) continue;
        wished.delete(key);
        // Otherwise the others learn it with the next sign of life.
        options.desiredVersions?.want(subjectOf({ namespace, name }), undefined).catch(() => {});
      }
      for (const [key, { resource }] of wanted) wished.set(key, resource.metadata);
    },
    async settled() {
      await Promise.all([...views.values()].map(({ runner }) => runner.tried));
    },
    get views() {
      return [...views.values()];
    },
    async rebuild(plan) {
      const { namespace, name } = plan.resource.metadata;
      for (;;) {
        const state = await readGenerations(store, namespace, name);
        if (state.building) return state.building.id;
        const wanted = await wantedNow(plan, state);
        const building = generationOf(
          world,
          wanted,
          new Map((await log.topics()).map(topic => [topic.name, topic.id])),
        );
        if (
          !(await writeGenerations(world, store, namespace, name, {
            ...state,
            ...aimAt(state, wanted.definition),
            building,
          }))
        )
          continue;
        views.get(keyOf(plan))?.runner.running?.look();
        return building.id;
      }
    },
    async close(graceMs) {
      closed = true;
      trimmer.close();
      for (const [key, state] of views) stop(key, state, graceMs);
      await Promise.all(ending.values());
    },
  };
}

function startGenerations(
  options: ViewPlaneOptions,
  views: ViewDirectory,
  plan: ViewPlan,
): Promise<RunningGenerations> {
  const { world, log, store, search, signals, callerOf, problem } = options;
  const { metadata, spec } = plan.resource;
  const observer = options.observerFor(plan);
  const { rate } = spec.rebuild;
  const indexOf = (generation: ViewGeneration) =>
    plan.settingsOf(generation)?.shape.index && viewLayoutOf(metadata.namespace, metadata.name, generation.id).index;
  return runGenerations({
    world,
    log,
    store,
    search,
    wanted: wantedOf(plan),
    desiredVersions: options.desiredVersions,
    async run(generation, caughtUp) {
      const settings = plan.settingsOf(generation);
      if (settings === undefined) return undefined;
      const hold = rate && !caughtUp.aborted ? { pace: createPace(world, rate, caughtUp) } : {};
      const writeDeadLetter = options.deadLetteredBy?.(plan);
      const deadLettered = async (letter: DeadLetter) => {
        if (caughtUp.aborted) await writeDeadLetter?.(letter);
      };
      const calls = callerOf ? { callerOf } : {};
      return runView({
        world,
        log,
        store,
        search,
        signals,
        views,
        settings,
        observer,
        deadLettered,
        ...calls,
        ...hold,
      });
    },
    indexOf,
    async serves(generation) {
      const index = indexOf(generation);
      if (index === undefined) return;
      // The alias is for people and for other tools; readers through Tenfold go by the generation.
      const group = viewGroupOf(metadata.namespace, metadata.name);
      await search
        .pointAliases({ [group]: index })
        .catch(error => problem(`View ${metadata.name}: the alias of its search index could not be set`, error));
    },
    problem,
  });
}

function wantedOf({ resource, definition, sources }: ViewPlan): ViewWanted {
  const { namespace, name } = resource.metadata;
  return { namespace, name, definition, manifest: resource.manifest, sources: [...sources] };
}

function keyOf({ resource: { metadata } }: ViewPlan): string {
  return `${metadata.namespace}/${metadata.name}`;
}
