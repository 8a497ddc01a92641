// Metrics of the events of a bucket: how many are still unread, and the results of the others. Each
// process reports the partitions that it has.
import type { Registry } from 'prom-client';
import type { HeardBucket } from '../events/observe-bucket.ts';
import type { Storage } from '../storage/open-storage.ts';
import { type Figure, registerFigures } from './figures.ts';

export interface BucketReport {
  readonly topic: string;
  /** Unread events. Undefined while the number is unknown. */
  readonly lag: number | undefined;
  readonly heard: number;
  readonly refused: number;
  readonly jumped: number;
}

const gauges: readonly Figure<BucketReport>[] = [
  { name: 'tenfold_bucket_lag_events', help: 'Events of the bucket that are still unread.', value: ({ lag }) => lag },
];

const counters: readonly Figure<BucketReport>[] = [
  { name: 'tenfold_bucket_heard_total', help: 'Events of the bucket that were read.', value: ({ heard }) => heard },
  {
    name: 'tenfold_bucket_refused_total',
    help: 'Events of the bucket of which nothing could be made.',
    value: ({ refused }) => refused,
  },
  {
    name: 'tenfold_bucket_jumped_total',
    help: 'Events of the bucket that retention deleted before they were read: uploads may have begun no job.',
    value: ({ jumped }) => jumped,
  },
];

/**
 * Undefined while nothing reads the events here. The log gives the lag, since a process that cannot
 * read has no count.
 */
export async function toBucketReport(
  { topic, runner }: HeardBucket,
  log: Pick<Storage['log'], 'bounds'>,
): Promise<BucketReport | undefined> {
  const stage = runner.running;
  if (stage === undefined) return undefined;
  const { handled: heard, refused, jumped } = stage.totals;
  const bounds = await log.bounds(topic).catch(() => undefined);
  const lag =
    bounds &&
    stage.partitions.reduce((sum, { partition, position = 0 }) => {
      const { start, end } = bounds[partition] ?? { start: 0, end: 0 };
      return sum + Math.max(0, end - Math.max(start, position));
    }, 0);
  return { topic, lag, heard, refused, jumped };
}

export function registerBucketMetrics(registry: Registry, report: () => Promise<BucketReport | undefined>): void {
  registerFigures(registry, {
    labelNames: ['topic'],
    gauges,
    counters,
    renewed: 'the topic was missing',
    readReports: async () => {
      const found = await report();
      return found ? [{ labels: { topic: found.topic }, report: found }] : [];
    },
  });
}
