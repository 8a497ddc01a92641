// Metrics of the events of a bucket: how many are not heard yet, and what came of the others. Each process tells of the partitions that it has.
import type { Registry } from 'prom-client';
import type { Storage } from '../open-storage.ts';
import { type Figure, registerFigures } from './figures.ts';
import type { HeardBucket } from './observe-bucket.ts';

export interface BucketReport {
  readonly topic: string;
  /** Events that are not heard yet. Undefined while it is not known. */
  readonly lag: number | undefined;
  readonly heard: number;
  readonly refused: number;
  readonly jumped: number;
}

const gauges: readonly Figure<BucketReport>[] = [
  { name: 'tenfold_bucket_lag_events', help: 'Events of the bucket that are not heard yet.', value: ({ lag }) => lag },
];

const counters: readonly Figure<BucketReport>[] = [
  { name: 'tenfold_bucket_heard_total', help: 'Events of the bucket heard.', value: ({ heard }) => heard },
  {
    name: 'tenfold_bucket_refused_total',
    help: 'Events of the bucket of which nothing could be made.',
    value: ({ refused }) => refused,
  },
  {
    name: 'tenfold_bucket_jumped_total',
    help: 'Events of the bucket that retention deleted before they were heard: uploads may have begun no job.',
    value: ({ jumped }) => jumped,
  },
];

/** Undefined while nothing is heard here. Lag is asked of the log, as who cannot hear reads nothing either. */
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
