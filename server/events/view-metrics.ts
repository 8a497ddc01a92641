// Metrics of Views: how far behind they are, what is being built, what was set aside.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ViewReport } from '../../admin/event-view.ts';
import { parseTimestamp } from '../../core/world.ts';

const LABELS = ['namespace', 'name'] as const;

interface Figure {
  readonly name: string;
  readonly help: string;
  /** Undefined while it is not known: then there is no sample, rather than a wrong one. */
  value(report: ViewReport, now: number): number | undefined;
}

const gauges: readonly Figure[] = [
  {
    name: 'tenfold_view_behind_records',
    help: 'Records on their way to what serves; an event is one or two of them.',
    value: ({ behind }) => behind,
  },
  {
    name: 'tenfold_view_age_seconds',
    help: 'Age of the oldest event that is not in yet.',
    value({ asOf, behind }, now) {
      const at = asOf === undefined ? undefined : parseTimestamp(asOf);
      return behind === 0 ? 0 : at === undefined ? undefined : Math.max(0, now - at) / 1000;
    },
  },
  {
    name: 'tenfold_view_serving',
    help: '1 when there is something that serves; 0 while the View is built for the first time.',
    value: ({ generation }) => (generation === undefined ? 0 : 1),
  },
  {
    name: 'tenfold_view_building_records',
    help: 'Records that are still to be read by what is being built.',
    value: ({ building }) => building?.behind,
  },
];

const counters: readonly Figure[] = [
  { name: 'tenfold_view_folded_total', help: 'Changes folded.', value: ({ folded }) => folded },
  {
    name: 'tenfold_view_repeated_total',
    help: 'Changes that came twice and were left out.',
    value: ({ repeated }) => repeated,
  },
  {
    name: 'tenfold_view_refused_total',
    help: 'Events of which nothing could be made.',
    value: ({ refused }) => refused,
  },
  {
    name: 'tenfold_view_jumped_total',
    help: 'Records that retention deleted before they were folded: they are missing in the View.',
    value: ({ jumped }) => jumped,
  },
];

/** All figures of one scrape are of one look at the Views. */
export function registerViewMetrics(registry: Registry, views: () => Promise<readonly ViewReport[]>): void {
  let looking: Promise<readonly ViewReport[]> | undefined;
  const look = () => {
    // A log that is away must not take the other metrics with it.
    looking ??= views()
      .catch(() => [])
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  const samples = async ({ value }: Figure) => {
    const now = Date.now();
    return (await look()).flatMap(report => {
      const found = value(report, now);
      return found === undefined ? [] : [{ labels: { namespace: report.namespace, name: report.name }, found }];
    });
  };
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
      help: `${figure.help} Since the platform started, or the View was changed.`,
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
