// All metrics of one platform process, in a registry of its own.
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { RequestCount } from '../../admin/graph/graph-view.ts';
import { noObjects, type ObjectsReport } from '../../admin/object-view.ts';
import type { KafkaCounts } from '../../drivers/event-log/kafka/counts.ts';
import type { FunctionStatus } from '../../drivers/function-host/function-host.ts';
import type { LabelledDurations } from '../../gateway/durations.ts';
import type { EventEndpoints } from '../../gateway/endpoints/event-endpoints.ts';
import type { AnsweredListener } from '../../gateway/listeners/answered.ts';
import { createGatewayMetrics } from '../../gateway/metrics.ts';
import type { Instruments } from '../../gateway/plan/instruments.ts';
import { registerPolicyMetrics } from '../../gateway/policy-metrics.ts';
import type { StranglerReport } from '../../gateway/strangler/report.ts';
import type { BackupFigures } from '../backup/scheduled-backups.ts';
import type { RunningEvents } from '../events/running-events.ts';
import type { DiskFigures } from '../storage/watch-disk.ts';
import type { ServiceState } from '../storage/watch-services.ts';
import type { MetricRecord } from '../tracing/messages.ts';
import { toMetricRecords } from '../tracing/metric-records.ts';
import { registerArchiveMetrics, registerTableMetrics } from './archive-metrics.ts';
import { registerBucketMetrics } from './bucket-metrics.ts';
import { registerCacheMetrics } from './cache-metrics.ts';
import { type CountsOf, registerConnectionMetrics } from './connection-metrics.ts';
import { registerBackupMetrics, registerDiskMetrics } from './disk-metrics.ts';
import { NEVER_MS, registerEventLoopMetrics } from './event-loop-metrics.ts';
import { registerEventMetrics } from './event-metrics.ts';
import { registerFanOutMetrics } from './fan-out-metrics.ts';
import { registerFollowerMetrics } from './follower-metrics.ts';
import { registerKafkaMetrics } from './kafka-metrics.ts';
import { registerObjectMetrics } from './object-metrics.ts';
import { openMetricsOf } from './open-metrics.ts';
import { registerPipelineMetrics } from './pipeline-metrics.ts';
import { registerQueueMetrics } from './queue-metrics.ts';
import { requestCounts } from './request-counts.ts';
import { registerScheduleMetrics } from './schedule-metrics.ts';
import { registerServiceMetrics } from './service-metrics.ts';
import { registerShadowMetrics } from './shadow-metrics.ts';
import { registerSourceMetrics } from './source-metrics.ts';
import { registerSyncMetrics } from './sync-metrics.ts';
import { registerTopicMetrics } from './topic-metrics.ts';
import { registerTracingMetrics, type TracingFigures } from './tracing-metrics.ts';
import { registerViewMetrics } from './view-metrics.ts';

export interface Metrics {
  readonly answered: AnsweredListener;
  /** The requests that were answered, by listener and resource. */
  requests(): readonly RequestCount[];
  /** The connection counts of the listeners. */
  readonly connections: CountsOf;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  /** In that of OpenMetrics, with exemplars, but for the end. */
  openMetrics(): Promise<string>;
  /** For OTLP. */
  records(): Promise<readonly MetricRecord[]>;
}

export function createMetrics(
  version: string,
  functions: () => readonly FunctionStatus[],
  instruments: () => Instruments,
  plane: Pick<RunningEvents, 'consumers' | 'own' | 'bucket' | 'scheduleCounts' | 'sources'>,
  endpoints: () => Pick<EventEndpoints, 'cache' | 'published' | 'jobs' | 'live'> | undefined,
  kafka?: KafkaCounts,
  services: () => readonly ServiceState[] = () => [],
  disk: () => DiskFigures | undefined = () => undefined,
  backups: () => BackupFigures | undefined = () => undefined,
  objects: () => Promise<ObjectsReport> = noObjects.report,
  stranglers: () => readonly StranglerReport[] = () => [],
  tracing: () => TracingFigures | undefined = () => undefined,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  registerEventLoopMetrics(registry);
  new Gauge({
    name: 'tenfold_build_info',
    help: 'Always 1; the label says which version runs.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);
  registerPolicyMetrics(registry, instruments);
  const consumers = () => plane.consumers;
  registerEventMetrics(registry, consumers);
  registerSyncMetrics(registry, consumers);
  registerShadowMetrics(registry, stranglers);
  registerFanOutMetrics(registry, () => plane.own.fanOuts());
  registerScheduleMetrics(registry, () => plane.scheduleCounts());
  registerSourceMetrics(registry, () => plane.sources());
  registerViewMetrics(registry, () => plane.own.views());
  registerFollowerMetrics(registry, () => endpoints()?.live?.counts() ?? []);
  registerPipelineMetrics(registry, () => plane.own.pipelines());
  registerArchiveMetrics(registry, () => plane.own.pipelines());
  registerTableMetrics(registry, () => plane.own.pipelines());
  registerBucketMetrics(registry, () => plane.bucket());
  registerCacheMetrics(registry, () => endpoints()?.cache.counts);
  registerKafkaMetrics(registry, kafka);
  registerServiceMetrics(registry, services);
  registerDiskMetrics(registry, disk);
  registerBackupMetrics(registry, backups);
  registerTopicMetrics(registry, () => endpoints()?.published);
  registerQueueMetrics(registry, () => endpoints()?.jobs);
  registerObjectMetrics(registry, objects);
  registerTracingMetrics(registry, tracing);
  const connections = registerConnectionMetrics(registry);
  const requests = new Map<string, LabelledDurations>();
  return {
    answered: createGatewayMetrics(registry, functions, undefined, requests),
    requests: () => requestCounts(requests.values()),
    connections,
    text: () => registry.metrics(),
    openMetrics: () => openMetricsOf(registry),
    records: () => toMetricRecords(registry),
  };
}
