// How far the consumers of a platform have come, in the figures that statuses in a cluster have.
import type { ConsumerReport, EventControl } from '../../admin/event-view.ts';
import { resourceKey } from '../../resources/resource.ts';

export interface ConsumerFigures {
  /** Events that were accepted and are not done yet. */
  readonly lag: number;
  /** Keys that wait for their next attempt; of a Pipeline events. */
  readonly parked: number;
  /** Dead letters that wait for a decision. */
  readonly dead: number;
}

/** By key of the resource. Figures that are not known at the moment are left out. */
export async function figuresOf(control: Pick<EventControl, 'consumers' | 'views' | 'pipelines'>) {
  const [consumers, views, pipelines] = await Promise.all([control.consumers(), control.views(), control.pipelines()]);
  const figures = new Map<string, ConsumerFigures>();
  const put = (key: string, lag: number | undefined, parked: number, dead: number) => {
    if (lag !== undefined) figures.set(key, { lag, parked, dead });
  };
  const own = consumers.filter(({ replayOf }) => replayOf === undefined);
  for (const [key, parts] of Map.groupBy(own, keyOf)) put(key, sum(parts, 'lag'), ...stuckIn(parts));
  for (const { namespace, name, behind } of views) {
    const key = resourceKey('View', namespace, name);
    // Events that wait for a function before the View are on their way to the View as well.
    const before = own.filter(one => keyOf(one) === key);
    const waiting = sum(before, 'lag');
    put(key, behind === undefined || waiting === undefined ? undefined : behind + waiting, ...stuckIn(before));
  }
  for (const { namespace, name, lag, parkedEvents, deadLetters } of pipelines)
    put(resourceKey('Pipeline', namespace, name), lag, parkedEvents, deadLetters);
  return figures;
}

/**
 * The parts of a FanOut are `name/splits` and `name/gathers`, features of a
 * Strangler `name.feature`.
 */
function keyOf({ kind, namespace, name }: ConsumerReport): string {
  return resourceKey(kind, namespace, name.split(/[./]/, 1)[0] ?? name);
}

function stuckIn(reports: readonly ConsumerReport[]): [parked: number, dead: number] {
  return [sum(reports, 'parkedKeys') ?? 0, sum(reports, 'deadLetters') ?? 0];
}

/** Undefined as soon as one is. */
function sum(reports: readonly ConsumerReport[], of: 'lag' | 'parkedKeys' | 'deadLetters'): number | undefined {
  return reports.reduce<number | undefined>((total, report) => {
    const value = report[of];
    return total === undefined || value === undefined ? undefined : total + value;
  }, 0);
}
