// The metrics in the format of OpenMetrics 1.0, which alone can carry exemplars: traces that show
// what the buckets of a histogram hold.
import { Histogram, type OpenMetricsContentType, Registry } from 'prom-client';

/** Text of Prometheus' own format becomes such without the end; further lines may follow it. */
export function toOpenMetrics(text: string): string {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    // A family of counters has a name without the ending that its samples have.
    lines.push(line.startsWith('# ') ? line.replace(/^(# (?:HELP|TYPE) \S+?)_total(?= )/, '$1') : line);
  }
  return lines.join('\n');
}

export const OPEN_METRICS_END = '# EOF\n';

/** All metrics of the registry but for the end. */
export async function openMetricsOf(registry: Registry): Promise<string> {
  const rest = new Registry();
  const histograms = new Registry<OpenMetricsContentType>();
  histograms.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const { name } of registry.getMetricsAsArray()) {
    const metric = registry.getSingleMetric(name);
    if (metric instanceof Histogram) histograms.registerMetric(metric);
    else if (metric) rest.registerMetric(metric);
  }
  const [plain, withExemplars] = await Promise.all([rest.metrics(), histograms.metrics()]);
  return `${toOpenMetrics(plain)}\n${withExemplars.slice(0, -OPEN_METRICS_END.length)}`;
}
