// How Views, Pipelines and FanOuts do, as the admin API shows it: what the processes that run them
// know, and what the log and the store say.
import type { PipelineReport, ViewReport } from '../../../admin/event-view.ts';
import type { FanOutReport } from '../../../admin/fan-out-view.ts';
import type { World } from '../../../core/world.ts';
import type { FanOutPlane, FanOutState } from '../../../worker/fan-out-plane.ts';
import type { PipelinePlane } from '../../../worker/pipeline-plane.ts';
import type { ViewPlane } from '../../../worker/view-plane.ts';
import type { Storage } from '../../storage/open-storage.ts';
import type { DeadLetterControl } from '../control/dead-letter-control.ts';
import type { RunningFanOuts } from '../run-fan-outs.ts';
import { pipelinePartOf, toPipelineReport } from '../run-pipelines.ts';
import {
  type FanOutPart,
  findByName,
  mergeFanOutParts,
  mergePipelineParts,
  mergeViewParts,
  type StageParts,
  type ViewPart,
} from './stage-parts.ts';
import { toViewReport, viewPartOf } from './view-reports.ts';

interface StagePlanes {
  readonly views: Pick<ViewPlane, 'views'>;
  readonly pipelines: Pick<PipelinePlane, 'pipelines'>;
  readonly fanOuts: Pick<FanOutPlane, 'fanOuts'>;
  readonly endedOf: RunningFanOuts['endedOf'];
}

export interface StageReports {
  views(): Promise<readonly ViewReport[]>;
  pipelines(): Promise<readonly PipelineReport[]>;
  fanOuts(): Promise<readonly FanOutReport[]>;
}

export interface StageReportsOptions extends StagePlanes {
  readonly world: World;
  readonly storage: Pick<Storage, 'log' | 'store'>;
  readonly letters: Pick<DeadLetterControl, 'counter'>;
  /** The parts of other processes, one for each. */
  others(): Promise<readonly StageParts[]>;
}

/** The parts that this process tells the others. They cost no question to the log or the store. */
export function stagePartsOf(
  { views, pipelines, fanOuts, endedOf }: StagePlanes,
  sources: StageParts['sources'],
): StageParts {
  return {
    views: views.views.map(viewPartOf),
    pipelines: pipelines.pipelines.map(pipelinePartOf),
    fanOuts: fanOuts.fanOuts.map(state => fanOutPartOf(state, endedOf)),
    sources,
  };
}

export function createStageReports(options: StageReportsOptions): StageReports {
  const { world, views, pipelines, fanOuts, endedOf, storage, letters, others } = options;
  return {
    async views() {
      const told = findByName((await others()).flatMap(each => each.views));
      const deps = { world, storage, count: letters.counter() };
      const toReport = (own: ViewPart) => toViewReport(mergeViewParts(own, told(own)), deps);
      return Promise.all(views.views.map(viewPartOf).map(toReport));
    },
    async pipelines() {
      const told = findByName((await others()).flatMap(each => each.pipelines));
      const deps = { log: storage.log, count: letters.counter() };
      const toReport = (state: (typeof pipelines.pipelines)[number]) => {
        const own = pipelinePartOf(state);
        return toPipelineReport(state.plan, mergePipelineParts(own, told(own)), deps);
      };
      return Promise.all(pipelines.pipelines.map(toReport));
    },
    async fanOuts() {
      const told = findByName((await others()).flatMap(each => each.fanOuts));
      const toReport = (state: FanOutState) => {
        const own = fanOutPartOf(state, endedOf);
        return toFanOutReport(state, mergeFanOutParts(own, told(own)), storage.log);
      };
      return Promise.all(fanOuts.fanOuts.map(toReport));
    },
  };
}

function fanOutPartOf({ plan, runner }: FanOutState, endedOf: RunningFanOuts['endedOf']): FanOutPart {
  const { namespace, name } = plan.settings;
  const fold = runner.running?.fold;
  const trouble = fold?.partitions.find(each => each.trouble !== undefined)?.trouble;
  const positions = fold?.partitions.flatMap(({ partition, position }) =>
    position === undefined ? [] : [[String(partition), position] as const],
  );
  return {
    namespace,
    name,
    state: runner.state,
    lastError: runner.lastError ?? trouble,
    folded: fold?.totals.handled ?? 0,
    ended: endedOf(namespace, name),
    positions: Object.fromEntries(positions ?? []),
  };
}

async function toFanOutReport(
  { plan }: FanOutState,
  { positions, ...part }: FanOutPart,
  log: Pick<Storage['log'], 'bounds'>,
): Promise<FanOutReport> {
  const bounds = part.state === 'starting' ? undefined : await log.bounds(plan.settings.layout.facts);
  const behind = bounds?.reduce((sum, { start, end }, at) => sum + end - Math.max(start, positions[at] ?? end), 0);
  return { ...part, lastError: part.lastError, behind };
}
