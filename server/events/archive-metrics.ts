// Metrics of archives: how many events are in no file yet, and how many were gathered.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { PipelineReport } from '../../admin/event-view.ts';

const LABELS = ['namespace', 'name', 'table'] as const;

export function registerArchiveMetrics(registry: Registry, pipelines: () => Promise<readonly PipelineReport[]>): void {
  let looking: Promise<readonly PipelineReport[]> | undefined;
  /** All figures of one scrape are of one look. A log that is away must not take the other metrics with it. */
  const archives = async () => {
    looking ??= pipelines()
      .catch(() => [])
      .finally(() => {
        looking = undefined;
      });
    return (await looking).flatMap(({ namespace, name, archives }) =>
      archives.map(({ table, behind, gathered }) => ({ labels: { namespace, name, table }, behind, gathered })),
    );
  };
  new Gauge({
    name: 'tenfold_archive_behind_events',
    help: 'Events that are in no file of the archive yet.',
    labelNames: LABELS,
    registers: [registry],
    async collect() {
      const found = await archives();
      this.reset();
      // While it is not known there is no sample, rather than a wrong one.
      for (const { labels, behind } of found) if (behind !== undefined) this.set(labels, behind);
    },
  });
  new Counter({
    name: 'tenfold_archive_gathered_total',
    help: 'Events that were gathered for files of the archive. Since the platform started, or the pipeline was changed.',
    labelNames: LABELS,
    registers: [registry],
    async collect() {
      const found = await archives();
      this.reset();
      for (const { labels, gathered } of found) this.inc(labels, gathered);
    },
  });
}
