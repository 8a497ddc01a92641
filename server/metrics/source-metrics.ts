// Metrics of the sources of Topics: rows that became events, rows that became none, and the lag.
import { Counter, Gauge, type Registry } from 'prom-client';
import { SOURCE_FAILURES, type SourceFigures } from '../../worker/sources/source-figures.ts';
import { REFUSALS } from '../../worker/sources/source-plan.ts';
import type { RunningSource } from '../../worker/sources/source-runner.ts';

const LABELS = ['namespace', 'name'] as const;

const gauges: readonly { name: string; help: string; value(figures: SourceFigures): number | undefined }[] = [
  {
    name: 'tenfold_source_up',
    help: '1 while this process reads the source, 0 while it cannot. Absent while another process reads it.',
    value: ({ state }) => (state === 'running' ? 1 : state === 'failing' ? 0 : undefined),
  },
  {
    name: 'tenfold_source_waiting_rows',
    help: 'Rows that wait in the table, counted up to 100,000. Absent while not known.',
    value: ({ waiting }) => waiting,
  },
  {
    name: 'tenfold_source_lag_seconds',
    help: 'Age of the oldest row that waits, by the column time. Absent while not known.',
    value: ({ ageMs }) => (ageMs === undefined ? undefined : ageMs / 1000),
  },
  {
    name: 'tenfold_source_aside_rows',
    help: 'Rows that became no event, and stay in the table.',
    value: ({ state, aside }) => (state === 'standby' ? undefined : aside.length),
  },
];

export function registerSourceMetrics(registry: Registry, running: () => readonly RunningSource[]): void {
  const all = () =>
    running().map(({ plan: { resource }, relay: { figures } }) => {
      const { namespace, name } = resource.metadata;
      return { labels: { namespace, name }, figures };
    });
  for (const { name, help, value } of gauges) {
    new Gauge({
      name,
      help,
      labelNames: LABELS,
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, figures } of all()) {
          const found = value(figures);
          if (found !== undefined) this.set(labels, found);
        }
      },
    });
  }
  new Counter({
    name: 'tenfold_source_rows_total',
    help: 'Rows whose events this process put into the log. Since the platform started, or the Topic was changed.',
    labelNames: LABELS,
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, figures } of all()) this.inc(labels, figures.read);
    },
  });
  new Counter({
    name: 'tenfold_source_refused_total',
    help: 'Rows that became no event, by reason. Since the platform started, or the Topic was changed.',
    labelNames: [...LABELS, 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, figures } of all())
        for (const reason of REFUSALS) this.inc({ ...labels, reason }, figures.refused[reason]);
    },
  });
  new Counter({
    name: 'tenfold_source_failures_total',
    help: 'Times that the source could not be read, by where that came from. Since the platform started, or the Topic was changed.',
    labelNames: [...LABELS, 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, figures } of all())
        for (const reason of SOURCE_FAILURES) this.inc({ ...labels, reason }, figures.failures[reason]);
    },
  });
}
