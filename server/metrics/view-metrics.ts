// Metrics of Views: their lag, generations that are being built, and events that were set aside.
import type { Registry } from 'prom-client';
import type { ViewReport } from '../../admin/event-view.ts';
import { parseTimestamp } from '../../core/world.ts';
import { type Figure, registerFigures } from './figures.ts';

const gauges: readonly Figure<ViewReport>[] = [
  {
    name: 'tenfold_view_behind_records',
    help: 'Records on their way to what serves; an event is one or two of them.',
    value: ({ behind }) => behind,
  },
  {
    name: 'tenfold_view_age_seconds',
    help: 'Age of the oldest event that is not in yet.',
    value({ asOf, behind }) {
      const at = asOf === undefined ? undefined : parseTimestamp(asOf);
      return behind === 0 ? 0 : at === undefined ? undefined : Math.max(0, Date.now() - at) / 1000;
    },
  },
  {
    name: 'tenfold_view_serving',
    help: '1 when there is something that serves; 0 while the View is built for the first time.',
    value: ({ generation }) => (generation === undefined ? 0 : 1),
  },
  {
    name: 'tenfold_view_building_records',
    help: 'Records that the new generation still has to read.',
    value: ({ building }) => building?.behind,
  },
];

const counters: readonly Figure<ViewReport>[] = [
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

export function registerViewMetrics(registry: Registry, views: () => Promise<readonly ViewReport[]>): void {
  registerFigures(registry, {
    labelNames: ['namespace', 'name'],
    gauges,
    counters,
    renewed: 'the View was changed',
    async readReports() {
      // A log that is away must not take the other metrics with it.
      const reports = await views().catch(() => []);
      return reports.map(report => ({ labels: { namespace: report.namespace, name: report.name }, report }));
    },
  });
}
