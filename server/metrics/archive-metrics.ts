// Metrics of archives: how many events are in no file yet, and how many were gathered.
import type { Registry } from 'prom-client';
import type { PipelineReport } from '../../admin/event-view.ts';
import { type Figure, registerFigures } from './figures.ts';

type ArchiveReport = PipelineReport['archives'][number];

const gauges: readonly Figure<ArchiveReport>[] = [
  {
    name: 'tenfold_archive_behind_events',
    help: 'Events that are in no file of the archive yet.',
    value: ({ behind }) => behind,
  },
];

const counters: readonly Figure<ArchiveReport>[] = [
  {
    name: 'tenfold_archive_gathered_total',
    help: 'Events that were gathered for files of the archive.',
    value: ({ gathered }) => gathered,
  },
];

export function registerArchiveMetrics(registry: Registry, pipelines: () => Promise<readonly PipelineReport[]>): void {
  registerFigures(registry, {
    labelNames: ['namespace', 'name', 'table'],
    gauges,
    counters,
    renewed: 'the pipeline was changed',
    async readReports() {
      // A log that is away must not take the other metrics with it.
      const reports = await pipelines().catch(() => []);
      return reports.flatMap(({ namespace, name, archives }) =>
        archives.map(report => ({ labels: { namespace, name, table: report.table }, report })),
      );
    },
  });
}
