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
import type { DesiredVersions } from './plan/desired-versions.ts';
import { type TrimmedTopic, trimSettled } from './plan/log-trimmer.ts';
import { type RunningPlan, RunningPlans } from './plan/run-plans.ts';
import { createPace } from './views/generations/pace.ts';
import { type RunningGenerations, runGenerations } from './views/generations/view-generations.ts';
import { generationOf, mustYield, subjectOf, type ViewWanted } from './views/generations/view-wanted.ts';
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
  readonly recent?: RunViewOptions['recent'];
  observerFor(plan: ViewPlan): StageObserver;
  /**
   * Called with unusable events of the serving generation: a generation that is built anew has met
   * them before.
   */
  deadLetteredBy?(plan: ViewPlan): ((letter: DeadLetter) => Promise<void>) | undefined;
  problem(message: string, error: unknown): void;
}

export type ViewState = RunningPlan<ViewPlan, RunningGenerations>;

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

/** Folded records are needed again only when the store has lost its newest changes. */
const REFOLD_MS = 86_400_000;

export function createViewPlane(options: ViewPlaneOptions): ViewPlane {
  const { world, log, store, desiredVersions, problem } = options;
  const directory = createViewDirectory(world, store);
  const views = new RunningPlans<ViewPlan, RunningGenerations>({
    world,
    keyOf: ({ resource: { metadata } }) => `${metadata.namespace}/${metadata.name}`,
    nameOf: ({ resource: { metadata } }) => `View ${metadata.name}`,
    async start(plan) {
      await options.topicsTried?.();
      return startGenerations(options, directory, plan);
    },
    problem,
  });
  const trimmer = trimSettled(world, log, store, problem);
  trimmer.apply(() => views.running.flatMap(trimmedOf));

  return {
    apply(plans) {
      for (const gone of views.apply(plans)) {
        // Otherwise the others learn it with the next sign of life.
        desiredVersions?.want(subjectOf(gone.resource.metadata), undefined).catch(() => {});
      }
    },
    settled: () => views.tried(),
    get views() {
      return views.running;
    },
    async rebuild(plan) {
      const id = await buildAnew(options, plan);
      views.of(plan)?.runner.running?.look();
      return id;
    },
    async close(graceMs) {
      trimmer.close();
      await views.close(graceMs);
    },
  };
}

/** The topics of the generations that run here, and how long their folded records are needed. */
function trimmedOf({ plan, runner }: ViewState): TrimmedTopic[] {
  const { namespace, name } = plan.resource.metadata;
  return (runner.running?.generations ?? []).flatMap(({ generation }) => {
    const { topic, group, projected, rekeyGroupOf } = viewLayoutOf(namespace, name, generation.id);
    const made = { topic: projected, group: rekeyGroupOf(projected), keepMs: REFOLD_MS };
    return [{ topic, group, keepMs: REFOLD_MS }, ...(plan.resource.spec.project ? [made] : [])];
  });
}

/** Returns the id of the generation that is being built from now on, or was already. */
async function buildAnew(options: ViewPlaneOptions, plan: ViewPlan): Promise<string> {
  const { world, log, store } = options;
  const { namespace, name } = plan.resource.metadata;
  for (;;) {
    const state = await readGenerations(store, namespace, name);
    if (state.building) return state.building.id;
    const wanted = await wantedNow(options, plan, state);
    const topics = new Map((await log.topics()).map(topic => [topic.name, topic.id]));
    const building = generationOf(world, wanted, topics);
    const next = { ...state, ...aimAt(state, wanted.definition), building };
    if (await writeGenerations(world, store, namespace, name, next)) return building.id;
  }
}

/** A definition that others have put in its place is built anew. */
async function wantedNow(options: ViewPlaneOptions, plan: ViewPlan, state: ViewGenerations): Promise<ViewWanted> {
  const wanted = wantedOf(plan);
  const { serving } = state;
  const yields = serving !== undefined && (await mustYield({ ...options, wanted }, state));
  return yields ? { ...wanted, ...serving } : wanted;
}

function startGenerations(
  options: ViewPlaneOptions,
  views: ViewDirectory,
  plan: ViewPlan,
): Promise<RunningGenerations> {
  const { world, log, store, search, signals, callerOf, recent, problem } = options;
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
        recent,
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
