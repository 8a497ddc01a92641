// Runs the Pipelines of a platform, and says how they do.
import type { PipelineReport } from '../../admin/event-view.ts';
import type { GatewayLog } from '../../gateway/plan/plan-context.ts';
import type { ConsumerDeps } from '../../worker/deliver/create-consumer.ts';
import { createPipelinePlane, type PipelinePlane, type PipelineState } from '../../worker/pipeline-plane.ts';
import type { Storage } from '../open-storage.ts';
import { logAs } from './dispatch-log.ts';
import { createPipelineLog } from './pipeline-log.ts';

export function runPipelines(deps: ConsumerDeps, log: GatewayLog): PipelinePlane {
  return createPipelinePlane({
    deps,
    listenerFor: plan => createPipelineLog(plan, log),
    dispatchListenerFor: (plan, part) =>
      logAs(`Pipeline/${plan.settings.namespace}/${plan.settings.name}/${part}`, log),
  });
}

/** What keeps them from running, one sentence each. */
export function reasonsOf({ pipelines }: Pick<PipelinePlane, 'pipelines'>): string[] {
  return pipelines.flatMap(({ plan, runner }) =>
    runner.state === 'starting' && runner.lastError !== undefined
      ? [`Pipeline ${plan.settings.name} does not start: ${runner.lastError}`]
      : [],
  );
}

export async function toPipelineReport(
  { plan, runner }: PipelineState,
  { log }: Pick<Storage, 'log'>,
): Promise<PipelineReport> {
  const { namespace, name, group, topic } = plan.settings;
  const running = runner.running;
  const stages = [...(running?.stages.values() ?? [])];
  const total = (count: 'refused' | 'jumped') => stages.reduce((sum, { totals }) => sum + totals[count], 0);
  const trouble = stages.flatMap(({ partitions }) => partitions).find(each => each.trouble !== undefined)?.trouble;
  return {
    namespace,
    name,
    state: runner.state,
    lastError: runner.lastError ?? trouble,
    // Before its topics are there nothing is known of it.
    lag: running && (await lagOf(log, group, topic)),
    handled: running?.stages.get('source')?.totals.handled ?? 0,
    refused: total('refused'),
    jumped: total('jumped'),
  };
}

async function lagOf(log: Storage['log'], group: string, topic: string): Promise<number | undefined> {
  const [bounds, positions] = await Promise.all([log.bounds(topic), log.positions(group, topic)]);
  return bounds?.reduce((sum, { start, end }, partition) => {
    const position = positions[partition]?.offset ?? start;
    return sum + Math.max(0, end - Math.max(start, position));
  }, 0);
}
