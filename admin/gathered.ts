// All that the admin API has gathered of a running platform, to decide from.
import type { FunctionStatus } from '../drivers/function-host/function-host.ts';
import type { StranglerReport } from '../gateway/strangler/report.ts';
import type { AnyResource, ResourceProblem } from '../resources/resource.ts';
import type { CallReport } from './diagnosis/call-report.ts';
import type { ConsumerReport, PipelineReport, TopicReport, ViewReport } from './event-view.ts';
import type { FanOutReport } from './fan-out-view.ts';
import type { DamagedObject } from './object-view.ts';
import type { ClusterStatus } from './platform-view.ts';
import type { RouteView } from './route-view.ts';

/** The known state of the running platform at one moment. */
export interface Gathered {
  /** The moment, in milliseconds since 1970. */
  readonly at: number;
  readonly resources: readonly AnyResource[];
  readonly problems: readonly ResourceProblem[];
  readonly functions: readonly FunctionStatus[];
  readonly calls: readonly CallReport[];
  readonly routes: readonly RouteView[];
  readonly stranglers: readonly StranglerReport[];
  /** Undefined while the log cannot be asked; so the others. */
  readonly topics: readonly TopicReport[] | undefined;
  readonly consumers: readonly ConsumerReport[] | undefined;
  readonly views: readonly ViewReport[] | undefined;
  readonly pipelines: readonly PipelineReport[] | undefined;
  readonly fanOuts: readonly FanOutReport[] | undefined;
  /** The damaged objects that they keep in the blob store; undefined while that is unknown. */
  readonly damaged: readonly DamagedObject[] | undefined;
  /** Why the disk that all is kept on cannot be used. */
  readonly disk: readonly string[];
  /** Why the last scheduled back-up was not made. */
  readonly backupTrouble?: string | undefined;
  /** In a cluster: the status of its object; undefined while it has none. */
  statusOf?(resource: AnyResource): ClusterStatus | undefined;
  /** RFC 3339: when it was made, or since when this process knows it. */
  since?(resource: AnyResource): string | undefined;
}

/** Whether the numbers of all that read events are known, so that a change of one is seen. */
export function tellsAllConsumers(gathered: Gathered | undefined): boolean {
  if (gathered === undefined) return false;
  const { consumers, views, pipelines, fanOuts } = gathered;
  return [consumers, views, pipelines, fanOuts].every(list => list !== undefined);
}
