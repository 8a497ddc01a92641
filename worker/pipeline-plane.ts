// Runs the Pipelines of the plan in force: unchanged ones go on, changed ones start anew from where
// they were.

import type { StageObserver } from './fold/stage.ts';
import { removeOnceAgreed, removePipelineLeftovers, windowIdsOf } from './pipelines/remove-leftovers.ts';
import { type RunningPipeline, type RunPipelineOptions, runPipeline } from './pipelines/run-pipeline.ts';
import type { PipelinePlan } from './plan/compile-pipelines.ts';
import { type Runner, runConsumer } from './plan/consumer-runner.ts';
import type { DesiredVersions } from './plan/desired-versions.ts';

export interface PipelinePlaneOptions extends Omit<RunPipelineOptions, 'plan' | 'observer'> {
  /** Resolves when the source topics have been made, or could not be. */
  topicsTried?(): Promise<void>;
  /** The versions of the Pipelines that other processes desire; undefined where there are none. */
  readonly desiredVersions?: DesiredVersions | undefined;
  observerFor(plan: PipelinePlan): StageObserver;
}

export interface PipelineState {
  readonly plan: PipelinePlan;
  readonly runner: Runner<RunningPipeline>;
}

export interface PipelinePlane {
  apply(plans: readonly PipelinePlan[]): void;
  /** Resolves when every Pipeline runs, or one attempt at it has failed. */
  settled(): Promise<void>;
  readonly pipelines: readonly PipelineState[];
  close(graceMs: number): Promise<void>;
}

const RESTART_GRACE_MS = 5_000;

export function createPipelinePlane(options: PipelinePlaneOptions): PipelinePlane {
  const { observerFor, desiredVersions } = options;
  const { world, problem } = options.deps;
  const pipelines = new Map<string, PipelineState>();
  const ending = new Map<string, Promise<void>>();
  let closed = false;

  const run = (key: string, plan: PipelinePlan): PipelineState => {
    const start = async () => {
      await ending.get(key);
      await options.topicsTried?.();
      await desiredVersions?.want(subjectOf(key), windowsOf(plan));
      const running = await runPipeline({ ...options, plan, observer: observerFor(plan) });
      const left = `The state of an earlier definition of Pipeline ${plan.settings.name} could not be removed yet`;
      void removeOnceAgreed({
        world,
        isInForce: () => pipelines.get(key)?.plan === plan,
        isAgreed: async () => (await desiredVersions?.isAgreed(subjectOf(key), windowsOf(plan))) ?? true,
        remove: () => removePipelineLeftovers(options.deps.log, options.deps.store, plan.settings),
        failed: error => problem(left, error),
      });
      return running;
    };
    const failed = (error: unknown) => problem(`Pipeline ${plan.settings.name} does not start`, error);
    return { plan, runner: runConsumer(world, start, failed) };
  };

  const stop = (key: string, { runner, plan }: PipelineState, graceMs: number) => {
    pipelines.delete(key);
    const end = Promise.all([ending.get(key), runner.close(graceMs)])
      .then(() => undefined)
      .catch(error => problem(`Pipeline ${plan.settings.name} did not end well`, error))
      .finally(() => {
        if (ending.get(key) === end) ending.delete(key);
      });
    ending.set(key, end);
  };

  return {
    apply(plans) {
      if (closed) return;
      const wanted = new Map(plans.map(plan => [keyOf(plan), plan]));
      for (const [key, state] of pipelines) {
        if (wanted.get(key)?.fingerprint !== state.plan.fingerprint) stop(key, state, RESTART_GRACE_MS);
        // Otherwise the others learn it with the next sign of life.
        if (!wanted.has(key)) desiredVersions?.want(subjectOf(key), undefined).catch(() => {});
      }
      for (const [key, plan] of wanted) if (!pipelines.has(key)) pipelines.set(key, run(key, plan));
    },
    async settled() {
      await Promise.all([...pipelines.values()].map(({ runner }) => runner.tried));
    },
    get pipelines() {
      return [...pipelines.values()];
    },
    async close(graceMs) {
      closed = true;
      for (const [key, state] of pipelines) stop(key, state, graceMs);
      await Promise.all(ending.values());
    },
  };
}

function keyOf({ settings }: PipelinePlan): string {
  return `${settings.namespace}/${settings.name}`;
}

function subjectOf(key: string): string {
  return `Pipeline/${key}`;
}

/** The parts of the settings that decide what is left over. */
function windowsOf({ settings: { topology } }: PipelinePlan): string {
  return windowIdsOf(topology).sort().join();
}
