// Metrics of Pipelines: their lag, late events, and events that were given up.
import type { Registry } from 'prom-client';
import type { PipelineReport } from '../../admin/event-view.ts';
import { parseTimestamp } from '../../core/world.ts';
import { type Figure, registerFigures } from './figures.ts';

const gauges: readonly Figure<PipelineReport>[] = [
  { name: 'tenfold_pipeline_lag_events', help: 'Events of its Topics that it has not read.', value: ({ lag }) => lag },
  {
    name: 'tenfold_pipeline_stopped',
    help: '1 if it has stopped for good, as its Topic was made again with fewer partitions: "tenfold diagnose" says what to do.',
    value: ({ stop }) => (stop === undefined ? 0 : 1),
  },
  {
    name: 'tenfold_pipeline_watermark_seconds',
    help: 'How far event time has come in its windows and joins, seconds since 1970: where they are furthest behind.',
    value({ watermark }) {
      const at = watermark === undefined ? undefined : parseTimestamp(watermark);
      return at === undefined ? undefined : at / 1000;
    },
  },
  {
    name: 'tenfold_pipeline_joining_events',
    help: 'Events that its joins keep, as events of the other Topic may still belong to them.',
    value: ({ joining }) => joining,
  },
  {
    name: 'tenfold_pipeline_parked_events',
    help: 'Events that wait for another call of a function.',
    value: ({ parkedEvents }) => parkedEvents,
  },
  {
    name: 'tenfold_pipeline_dead_letters',
    help: 'Events given up that are kept.',
    value: ({ deadLetters }) => deadLetters,
  },
];

const counters: readonly Figure<PipelineReport>[] = [
  { name: 'tenfold_pipeline_handled_total', help: 'Events of its Topics read.', value: ({ handled }) => handled },
  {
    name: 'tenfold_pipeline_results_total',
    help: 'Results of its windows and joins.',
    value: ({ emitted }) => emitted,
  },
  {
    name: 'tenfold_pipeline_late_total',
    help: 'Events that came too late for a window or a join.',
    value: ({ late }) => late,
  },
  {
    name: 'tenfold_pipeline_filtered_total',
    help: 'Events that its filters left out.',
    value: ({ filtered }) => filtered,
  },
  {
    name: 'tenfold_pipeline_deduplicated_total',
    help: 'Events that dedupe left out, as they came before.',
    value: ({ deduplicated }) => deduplicated,
  },
  {
    name: 'tenfold_pipeline_repeated_total',
    help: 'Events that its windows, joins and archives left out: published twice, or handed on twice after a crash.',
    value: ({ repeated }) => repeated,
  },
  {
    name: 'tenfold_pipeline_unjoined_total',
    help: 'Events without the row that a join requires, which were left out.',
    value: ({ unjoined }) => unjoined,
  },
  {
    name: 'tenfold_pipeline_refused_total',
    help: 'Events of which nothing could be made.',
    value: ({ refused }) => refused,
  },
  {
    name: 'tenfold_pipeline_jumped_total',
    help: 'Events that retention deleted before they were read: lost to this pipeline.',
    value: ({ jumped }) => jumped,
  },
];

export function registerPipelineMetrics(registry: Registry, reports: () => Promise<readonly PipelineReport[]>): void {
  registerFigures(registry, {
    labelNames: ['namespace', 'name'],
    gauges,
    counters,
    renewed: 'the pipeline was changed',
    readReports: async () =>
      (await reports()).map(report => ({ labels: { namespace: report.namespace, name: report.name }, report })),
  });
}
