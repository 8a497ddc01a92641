// Runs the Views of the plan in force: unchanged ones go on, changed ones start anew, and what an earlier definition had kept is removed.
import { viewGroupOf } from '../core/names.ts';
import type { ViewSignals } from '../core/views/view-signals.ts';
import type { World } from '../core/world.ts';
import type { EventLog } from '../drivers/event-log/event-log.ts';
import type { SearchIndex } from '../drivers/search-index/search-index.ts';
import type { Store } from '../drivers/store/store.ts';
import type { StageListener } from './fold/stage.ts';
import type { ViewPlan } from './plan/compile-views.ts';
import { type Runner, runConsumer } from './plan/consumer-runner.ts';
import { type RunningView, runView } from './views/run-view.ts';

export interface ViewPlaneOptions {
  readonly world: World;
  readonly log: EventLog;
  readonly store: Store;
  readonly search: SearchIndex;
  readonly signals?: ViewSignals | undefined;
  listenerFor(plan: ViewPlan): StageListener;
  problem(message: string, error: unknown): void;
}

export interface ViewState {
  readonly plan: ViewPlan;
  readonly runner: Runner<RunningView>;
}

export interface ViewPlane {
  apply(plans: readonly ViewPlan[]): void;
  /** Resolves when every View runs, or one attempt at it has failed. */
  settled(): Promise<void>;
  readonly views: readonly ViewState[];
  close(graceMs: number): Promise<void>;
}

const RESTART_GRACE_MS = 5_000;
const SCOPES_PAGE = 1_000;

export function createViewPlane(options: ViewPlaneOptions): ViewPlane {
  const { world, log, store, search, signals, listenerFor, problem } = options;
  const views = new Map<string, ViewState>();
  const ending = new Map<string, Promise<void>>();
  let closed = false;

  const run = (key: string, plan: ViewPlan): ViewState => {
    const { name } = plan.resource.metadata;
    const start = async () => {
      await ending.get(key);
      const running = await runView({
        world,
        log,
        store,
        search,
        signals,
        settings: plan.settings,
        listener: listenerFor(plan),
      });
      removeOthers(log, store, search, plan).catch(error =>
        problem(`What an earlier definition of View ${name} had kept could not be removed`, error),
      );
      return running;
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

  return {
    apply(plans) {
      if (closed) return;
      const wanted = new Map(plans.map(plan => [keyOf(plan), plan]));
      for (const [key, state] of views) {
        if (wanted.get(key)?.fingerprint !== state.plan.fingerprint) stop(key, state, RESTART_GRACE_MS);
      }
      for (const [key, plan] of wanted) if (!views.has(key)) views.set(key, run(key, plan));
    },
    async settled() {
      await Promise.all([...views.values()].map(({ runner }) => runner.tried));
    },
    get views() {
      return [...views.values()];
    },
    async close(graceMs) {
      closed = true;
      for (const [key, state] of views) stop(key, state, graceMs);
      await Promise.all(ending.values());
    },
  };
}

function keyOf({ settings }: ViewPlan): string {
  return `${settings.namespace}/${settings.name}`;
}

/** The state can be made again from the events: what another definition made is of no use, and would never go. */
async function removeOthers(log: EventLog, store: Store, search: SearchIndex, { settings }: ViewPlan): Promise<void> {
  const { namespace, name, layout } = settings;
  const prefix = `${viewGroupOf(namespace, name)}.`;
  const isOther = (found: string) =>
    found !== layout.topic && found.startsWith(prefix) && /^[0-9a-f]{12}$/.test(found.slice(prefix.length));
  for (const topic of await log.topics()) if (isOther(topic.name)) await log.deleteTopic(topic.name);
  for (const index of await search.indexes(prefix)) if (isOther(index.name)) await search.dropIndex(index.name);
  const place = `view/${namespace}/${name}/`;
  const kept = `${place}${layout.generation}/`;
  for (let after: string | undefined; ; ) {
    const page = await store.scopes(place, { limit: SCOPES_PAGE, ...(after === undefined ? {} : { after }) });
    for (const scope of page) if (!scope.startsWith(kept)) await store.drop(scope);
    after = page.at(-1);
    if (page.length < SCOPES_PAGE) return;
  }
}
