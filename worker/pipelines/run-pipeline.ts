// Runs one Pipeline. It goes on by itself when its windows count events in place and the Topic gets
// more partitions: a stage before the windows brings the events of each key together from then on.
import { again } from '../../core/retry/again.ts';
import { seekBeginning } from '../dispatch/group/seek-beginning.ts';
import type { PipelinePlan } from '../plan/compile-pipelines.ts';
import { createLeftOut } from './flow/flow-tools.ts';
import { movedPlan } from './moved-plan.ts';
import { type RunningStages, type RunStagesOptions, runStages } from './run-stages.ts';
import { beginningOf, inPlaceOf } from './run-window.ts';
import { type CountedBefore, whatHasMoved } from './window/in-place.ts';
import { whatHasStrayed } from './window/where-keys-are.ts';

export type RunPipelineOptions = Omit<RunStagesOptions, 'moved'>;

export interface RunningPipeline extends RunningStages {
  /** The plan that runs now. */
  readonly plan: PipelinePlan;
}

const GRACE_MS = 5_000;
const PAUSES = { base: 200, max: 10_000 };

/** Rejects when a topic or the log is not there yet. */
export async function runPipeline(options: RunPipelineOptions): Promise<RunningPipeline> {
  const pipeline = new Pipeline(options);
  await pipeline.run(await movedBefore(options));
  return pipeline;
}

/** How windows go on, where they can no longer count in place, or never could. */
async function movedBefore({ deps, plan }: RunPipelineOptions): Promise<CountedBefore | undefined> {
  const { topology, group, topic, start } = plan.settings;
  const { source } = topology;
  if (source.kind !== 'window') return undefined;
  const moved = await whatHasMoved(inPlaceOf(plan, source.window, deps));
  if (moved) return moved;
  await seekBeginning(deps.log, group, topic, start);
  return whatHasStrayed(beginningOf(plan, source.window, source.filters, deps.log));
}

class Pipeline implements RunningPipeline {
  readonly #options: RunPipelineOptions;
  readonly #closing = new AbortController();
  #plan: PipelinePlan;
  #stages: RunningStages | undefined;
  /** The stages that count in place end, and others begin. */
  #moving: Promise<void> | undefined;

  constructor(options: RunPipelineOptions) {
    this.#options = options;
    this.#plan = options.plan;
  }

  get plan(): PipelinePlan {
    return this.#plan;
  }

  get stages(): RunningStages['stages'] {
    return this.#stages?.stages ?? new Map();
  }

  get dispatchers(): RunningStages['dispatchers'] {
    return this.#stages?.dispatchers ?? new Map();
  }

  get windows(): RunningStages['windows'] {
    return this.#stages?.windows ?? new Map();
  }

  get leftOut(): RunningStages['leftOut'] {
    return this.#stages?.leftOut ?? createLeftOut();
  }

  /** `counted`: in place, before keys moved. */
  async run(counted: CountedBefore | undefined): Promise<void> {
    if (counted) this.#plan = movedPlan(this.#options.plan, counted);
    this.#stages = await runStages({ ...this.#options, plan: this.#plan, moved: now => this.#moved(now) });
  }

  async close(graceMs: number): Promise<void> {
    this.#closing.abort(new Error('The pipeline is closed.'));
    await this.#moving;
    await this.#stages?.close(graceMs);
  }

  #moved(counted: CountedBefore): void {
    this.#moving ??= this.#goOn(counted).catch(() => undefined);
  }

  /** Rejects only when the pipeline is closed. */
  async #goOn(counted: CountedBefore): Promise<void> {
    const { world, problem } = this.#options.deps;
    const { name } = this.#options.plan.settings;
    const { signal } = this.#closing;
    // The stages may not all have begun yet.
    await again(
      async () => {
        if (this.#stages === undefined) throw new Error('They are being started.');
      },
      PAUSES,
      { world, signal },
    );
    await this.#stages?.close(GRACE_MS);
    const failed = (error: unknown, failures: number) => {
      if (failures === 1) problem(`Pipeline ${name} does not go on yet`, error);
    };
    await again(() => this.run(counted), { ...PAUSES, failed }, { world, signal });
  }
}
