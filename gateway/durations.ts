// Histograms of durations that cost a request next to nothing: an observation hashes no labels, and
// the text is made at each scrape. Each bucket keeps the trace of its newest observation.
import { Histogram, type Registry } from 'prom-client';

type Labels = Readonly<Record<string, string | number>>;

/** An observation that shows what a bucket holds (OpenMetrics, exemplars). */
interface Exemplar {
  labelSet: { trace_id: string };
  value: number;
  /** Seconds since 1970. */
  timestamp: number;
}

export class Durations {
  readonly bounds: readonly number[];
  readonly counts: number[];
  readonly exemplars: (Exemplar | undefined)[];
  sum = 0;
  count = 0;

  /** `bounds`: upper bounds of the buckets, seconds, ascending. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
    this.exemplars = new Array<Exemplar | undefined>(bounds.length + 1).fill(undefined);
  }

  /** `now`: milliseconds since 1970. */
  observe(seconds: number, trace: string | undefined, now: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket++;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    this.sum += seconds;
    this.count++;
    if (!trace) return;
    const exemplar = this.exemplars[bucket];
    if (exemplar === undefined) {
      this.exemplars[bucket] = { labelSet: { trace_id: trace }, value: seconds, timestamp: now / 1000 };
      return;
    }
    exemplar.labelSet.trace_id = trace;
    exemplar.value = seconds;
    exemplar.timestamp = now / 1000;
  }
}

export interface LabelledDurations {
  readonly labels: Labels;
  readonly durations: Durations;
}

export interface DurationsInit {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly bounds: readonly number[];
  /** Called at each scrape. Durations with equal labels are added up. */
  read(): Iterable<LabelledDurations>;
}

export function registerDurations(registry: Registry, init: DurationsInit): void {
  registry.registerMetric(new DurationsMetric(init));
}

interface Sample {
  readonly labels: Labels;
  readonly sharedLabels: Labels;
  readonly metricName: string;
  value: number;
  exemplar?: Exemplar | undefined;
}

/** A metric of the library that keeps nothing itself. */
class DurationsMetric extends Histogram {
  readonly #init: DurationsInit;

  constructor(init: DurationsInit) {
    const { name, help, labelNames, bounds } = init;
    super({ name, help, labelNames: [...labelNames], buckets: [...bounds], registers: [] });
    this.#init = init;
  }

  /** The library makes its text, and all else that it tells, of this. */
  async getForPromString() {
    const { name, help } = this.#init;
    const samples = new Map<string, Sample>();
    for (const each of this.#init.read()) addTo(samples, name, each);
    return { name, help, type: 'histogram', values: [...samples.values()], aggregator: 'sum' };
  }
}

function addTo(samples: Map<string, Sample>, name: string, { labels, durations }: LabelledDurations): void {
  const key = JSON.stringify(labels);
  const add = (suffix: string, le: string | undefined, value: number, exemplar?: Exemplar) => {
    const own = `${suffix} ${le} ${key}`;
    const sample = samples.get(own);
    if (sample) {
      sample.value += value;
      sample.exemplar ??= exemplar;
    } else {
      const all = le === undefined ? { ...labels } : { ...labels, le };
      samples.set(own, { labels: all, sharedLabels: {}, metricName: `${name}_${suffix}`, value, exemplar });
    }
  };
  let total = 0;
  for (const [index, count] of durations.counts.entries()) {
    total += count;
    const bound = durations.bounds[index];
    add('bucket', bound === undefined ? '+Inf' : String(bound), total, durations.exemplars[index]);
  }
  add('sum', undefined, durations.sum);
  add('count', undefined, durations.count);
}
