// How late the event loop is with what is due, under the names that prom-client gives it.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type CollectFunction, Gauge, type Registry } from 'prom-client';

/**
 * For prom-client's own, which look each 10 ms: three in four of the wake-ups of a platform with nothing to do, and half of its CPU. They cannot be
 * left out, so they are told to look once in 24 days.
 */
export const NEVER_MS = 2 ** 31 - 1;

/**
 * Whatever takes so long is seen, and by a timer rather than turn by turn: what comes from outside meets a turn of 300 ms more often than the hundreds of
 * short ones around it.
 */
const LOOK_MS = 100;

const PREFIX = 'nodejs_eventloop_lag';

/** What of Node's histogram is needed, in nanoseconds. */
export interface Delays {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly stddev: number;
  percentile(percentile: number): number;
  reset(): void;
}

/** In place of those that prom-client has registered. */
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
      // Where nothing has been seen since they were asked for last, what was said then goes on.
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
