// Metrics of sinks: events that are in no file of an archive or in no table of a database yet, and
// those that are.
import type { Registry } from 'prom-client';
import type { PipelineReport, TableReport } from '../../admin/event-view.ts';
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

const tableGauges: readonly Figure<TableReport>[] = [
  {
    name: 'tenfold_table_up',
    help: '1 while this process can write to the table, 0 while it cannot.',
    value: ({ trouble }) => (trouble === undefined ? 1 : 0),
  },
  {
    name: 'tenfold_table_behind_events',
    help: 'Events that are not written to the table yet.',
    value: ({ behind }) => behind,
  },
];

const tableCounters: readonly Figure<TableReport>[] = [
  {
    name: 'tenfold_table_written_total',
    help: 'Events that were written to the table, or given up.',
    value: ({ written }) => written,
  },
];

export function registerTableMetrics(registry: Registry, pipelines: () => Promise<readonly PipelineReport[]>): void {
  registerFigures(registry, {
    labelNames: ['namespace', 'name', 'table'],
    gauges: tableGauges,
    counters: tableCounters,
    renewed: 'the pipeline was changed',
    async readReports() {
      // A log that is away must not take the other metrics with it.
      const reports = await pipelines().catch(() => []);
      return reports.flatMap(({ namespace, name, tables }) =>
        tables.map(report => ({ labels: { namespace, name, table: report.table }, report })),
      );
    },
  });
}
