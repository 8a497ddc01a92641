// Runs the Pipelines of the plan in force: unchanged ones go on, changed ones start anew from where
// they were.

import type { StageObserver } from './fold/stage.ts';
import { movedWindowOf } from './pipelines/moved-plan.ts';
import { removeOnceAgreed, removePipelineLeftovers, windowIdsOf } from './pipelines/remove-leftovers.ts';
import { type RunningPipeline, type RunPipelineOptions, runPipeline } from './pipelines/run-pipeline.ts';
import type { Stop } from './pipelines/window/in-place.ts';
import { REFOLD_MS } from './plan/compile.ts';
import { internalTopics, type PipelinePlan } from './plan/compile-pipelines.ts';
import type { DesiredVersions } from './plan/desired-versions.ts';
import { trimSettled } from './plan/log-trimmer.ts';
import { type RunningPlan, RunningPlans } from './plan/run-plans.ts';

export interface PipelinePlaneOptions extends Omit<RunPipelineOptions, 'plan' | 'observer'> {
  /** Resolves when the source topics have been made, or could not be. */
  topicsTried?(): Promise<void>;
  /** The versions of the Pipelines that other processes desire; undefined where there are none. */
  readonly desiredVersions?: DesiredVersions | undefined;
  observerFor(plan: PipelinePlan): StageObserver;
}

export type PipelineState = RunningPlan<PipelinePlan, RunningPipeline>;

export interface PipelinePlane {
  apply(plans: readonly PipelinePlan[]): void;
  /** Resolves when every Pipeline runs, or one attempt at it has failed. */
  settled(): Promise<void>;
  readonly pipelines: readonly PipelineState[];
  close(graceMs: number): Promise<void>;
}

export function createPipelinePlane(options: PipelinePlaneOptions): PipelinePlane {
  const { observerFor, desiredVersions } = options;
  const { world, problem } = options.deps;
  const pipelines = new RunningPlans<PipelinePlan, RunningPipeline>({
    world,
    keyOf: ({ settings }) => `${settings.namespace}/${settings.name}`,
    nameOf: ({ settings }) => `Pipeline ${settings.name}`,
    start,
    problem,
  });

  const trimmer = trimSettled(world, options.deps.log, options.deps.store, problem);
  // Their plan, as their resources say it, has no such topic.
  trimmer.apply(() => {
    const plans = pipelines.running.flatMap(({ runner: { running } }) => running?.plan ?? []);
    return internalTopics(
      plans.filter(plan => movedWindowOf(plan)),
      REFOLD_MS,
    );
  });

  async function start(plan: PipelinePlan): Promise<RunningPipeline> {
    await options.topicsTried?.();
    await desiredVersions?.want(subjectOf(plan), windowsOf(plan));
    const running = await runPipeline({ ...options, plan, observer: observerFor(plan) });
    const left = `The state of an earlier definition of Pipeline ${plan.settings.name} could not be removed yet`;
    void removeOnceAgreed({
      world,
      // The state of windows that have stopped says how far they had come.
      isInForce: () => pipelines.of(plan)?.plan === plan && stopOf(running) === undefined,
      isAgreed: async () => (await desiredVersions?.isAgreed(subjectOf(plan), windowsOf(plan))) ?? true,
      remove: () => removePipelineLeftovers(options.deps.log, options.deps.store, running.plan.settings),
      failed: error => problem(left, error),
    });
    return running;
  }

  return {
    apply(plans) {
      for (const gone of pipelines.apply(plans)) {
        // Otherwise the others learn it with the next sign of life.
        desiredVersions?.want(subjectOf(gone), undefined).catch(() => {});
      }
    },
    settled: () => pipelines.tried(),
    get pipelines() {
      return pipelines.running.map(({ plan, runner }) => ({ plan: runner.running?.plan ?? plan, runner }));
    },
    async close(graceMs) {
      trimmer.close();
      await pipelines.close(graceMs);
    },
  };
}

/** Why it counts nothing any more, though nothing fails. */
export function stopOf(running: Pick<RunningPipeline, 'windows'> | undefined): Stop | undefined {
  return [...(running?.windows.values() ?? [])].find(({ stop }) => stop !== undefined)?.stop;
}

function subjectOf({ settings }: PipelinePlan): string {
  return `Pipeline/${settings.namespace}/${settings.name}`;
}

/** The parts of the settings that decide what is left over. */
function windowsOf({ settings: { topology } }: PipelinePlan): string {
  return windowIdsOf(topology).sort().join();
}
