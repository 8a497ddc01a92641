// Metrics of Pipelines: how far behind they are, what came late, what was given up.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { PipelineReport } from '../../admin/event-view.ts';
import { parseTimestamp } from '../../core/world.ts';

const LABELS = ['namespace', 'name'] as const;

interface Figure {
  readonly name: string;
  readonly help: string;
  /** Undefined while it is not known: then there is no sample, rather than a wrong one. */
  value(report: PipelineReport): number | undefined;
}

const gauges: readonly Figure[] = [
  { name: 'tenfold_pipeline_lag_events', help: 'Events of its Topic that it has not read.', value: ({ lag }) => lag },
  {
    name: 'tenfold_pipeline_watermark_seconds',
    help: 'How far event time has come in its windows, seconds since 1970: where they are furthest behind.',
    value({ watermark }) {
      const at = watermark === undefined ? undefined : parseTimestamp(watermark);
      return at === undefined ? undefined : at / 1000;
    },
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

const counters: readonly Figure[] = [
  { name: 'tenfold_pipeline_handled_total', help: 'Events of its Topic read.', value: ({ handled }) => handled },
  { name: 'tenfold_pipeline_results_total', help: 'Results of its windows.', value: ({ emitted }) => emitted },
  {
    name: 'tenfold_pipeline_late_total',
    help: 'Events that came when their windows were closed.',
    value: ({ late }) => late,
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

/** All figures of one scrape are of one look at the Pipelines. */
export function registerPipelineMetrics(registry: Registry, reports: () => Promise<readonly PipelineReport[]>): void {
  let looking: Promise<readonly PipelineReport[]> | undefined;
  const look = () => {
    looking ??= reports().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const samples = async ({ value }: Figure) =>
    (await look()).flatMap(report => {
      const found = value(report);
      const { namespace, name } = report;
      return found === undefined ? [] : [{ labels: { namespace, name }, found }];
    });
  for (const figure of gauges) {
    new Gauge({
      name: figure.name,
      help: figure.help,
      labelNames: LABELS,
      registers: [registry],
      async collect() {
        const found = await samples(figure);
        this.reset();
        for (const { labels, found: value } of found) this.set(labels, value);
      },
    });
  }
  for (const figure of counters) {
    new Counter({
      name: figure.name,
      help: `${figure.help} Since the platform started, or the pipeline was changed.`,
      labelNames: LABELS,
      registers: [registry],
      async collect() {
        const found = await samples(figure);
        this.reset();
        for (const { labels, found: value } of found) this.inc(labels, value);
      },
    });
  }
}
