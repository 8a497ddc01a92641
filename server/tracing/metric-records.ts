// The metrics of a registry as plain records, which the thread that sends them turns into OTLP.
import type { Registry } from 'prom-client';
import type { MetricPoint, MetricRecord } from './messages.ts';

interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly metricName?: string;
}

/** Summaries are left out, as nothing of ours makes any. */
export async function toMetricRecords(registry: Pick<Registry, 'getMetricsAsJSON'>): Promise<MetricRecord[]> {
  const all = await registry.getMetricsAsJSON();
  return all.flatMap(({ name, help, type, values }) => {
    // The package has numbers for its types in declarations, and words at run time.
    const kind = String(type);
    if (kind !== 'counter' && kind !== 'gauge' && kind !== 'histogram') return [];
    const given = values as readonly Value[];
    const points = kind === 'histogram' ? histogramPoints(given) : given.map(toPoint);
    return points.length === 0 ? [] : [{ name, help, kind, points }];
  });
}

function toPoint({ value, labels }: Value): MetricPoint {
  return { labels: texts(labels), value };
}

/** Prometheus counts all values up to each bound, and OTLP those between two. */
function histogramPoints(values: readonly Value[]): MetricPoint[] {
  const series = new Map<string, { labels: Record<string, string>; bounds: number[]; sums: number[]; sum: number }>();
  for (const { value, labels, metricName = '' } of values) {
    const { le, ...rest } = labels;
    const own = texts(rest);
    const key = JSON.stringify(own);
    const one = series.get(key) ?? { labels: own, bounds: [], sums: [], sum: 0 };
    series.set(key, one);
    if (metricName.endsWith('_sum')) one.sum = value;
    else if (metricName.endsWith('_bucket')) {
      one.sums.push(value);
      if (le !== '+Inf' && le !== Number.POSITIVE_INFINITY) one.bounds.push(Number(le));
    }
  }
  return [...series.values()].map(({ labels, bounds, sums, sum }) => {
    const counts = sums.map((total, index) => total - (sums[index - 1] ?? 0));
    return { labels, value: sum, histogram: { bounds, counts, count: sums.at(-1) ?? 0 } };
  });
}

function texts(labels: Value['labels']): Record<string, string> {
  const entries = Object.entries(labels).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
