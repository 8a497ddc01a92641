// The delay of the event loop, under the names that prom-client gives it.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type CollectFunction, Gauge, type Registry } from 'prom-client';

/**
 * The interval of prom-client's own histograms. They sample every 10 ms: three in four of the
 * wake-ups of an idle platform, and half of its CPU. They cannot be left out, so this makes them
 * sample once in 24 days.
 */
export const NEVER_MS = 2 ** 31 - 1;

/**
 * A timer, rather than a check of each turn, sees delays of this length. A request meets one turn
 * of 300 ms more often than the hundreds of short ones around it.
 */
const LOOK_MS = 100;

const PREFIX = 'nodejs_eventloop_lag';

/** The part of Node's histogram that is needed, in nanoseconds. */
export interface Delays {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly stddev: number;
  percentile(percentile: number): number;
  reset(): void;
}

/** Replaces those that prom-client has registered. */
export function registerEventLoopMetrics(
  registry: Registry,
  delays: Delays = watchEventLoop(),
  lookMs = LOOK_MS,
): void {
  /** Node counts from one look to the next, so that a loop which is never late has `lookMs`. */
  const late = (ns: number) => Math.max(0, ns / 1e9 - lookMs / 1000);
  const figures: Record<string, [help: string, seconds: () => number]> = {
    min: ['The minimum recorded event loop delay.', () => late(delays.min)],
    max: ['The maximum recorded event loop delay.', () => late(delays.max)],
    mean: ['The mean of the recorded event loop delays.', () => late(delays.mean)],
    stddev: ['The standard deviation of the recorded event loop delays.', () => delays.stddev / 1e9],
    p50: ['The 50th percentile of the recorded event loop delays.', () => late(delays.percentile(50))],
    p90: ['The 90th percentile of the recorded event loop delays.', () => late(delays.percentile(90))],
    p99: ['The 99th percentile of the recorded event loop delays.', () => late(delays.percentile(99))],
  };
  const gauge = (name: string, help: string, collect: CollectFunction<Gauge>) => {
    registry.removeSingleMetric(name);
    registry.registerMetric(new Gauge({ name, help, registers: [], collect }));
  };
  for (const [name, [help, seconds]] of Object.entries(figures)) {
    gauge(`${PREFIX}_${name}_seconds`, help, function collect() {
      // Without a new sample since the last scrape the last values stay.
      if (delays.count > 0) this.set(seconds());
    });
  }
  // Registered last, it is asked last.
  gauge(`${PREFIX}_seconds`, 'Lag of event loop in seconds.', function collect() {
    delays.reset();
    const began = performance.now();
    setImmediate(() => this.set((performance.now() - began) / 1000));
  });
}

function watchEventLoop(): Delays {
  const histogram = monitorEventLoopDelay({ resolution: LOOK_MS });
  histogram.enable();
  return histogram;
}
