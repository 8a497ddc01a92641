// How late the event loop is: as the names say, and without waking a
// process that has nothing to do.
import assert from 'node:assert/strict';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Delays, registerEventLoopMetrics } from '../../../server/metrics/event-loop-metrics.ts';
import { collect, startCli } from '../../cli/run-cli.ts';

const LOOK_MS = 100;

/** Of looks that were late by so many milliseconds. */
function delaysOf(...lateMs: number[]): Delays {
  let all = lateMs.map(late => (LOOK_MS + late) * 1e6);
  const at = (share: number) => all.toSorted((a, b) => a - b)[Math.ceil(all.length * share) - 1] ?? 2 ** 63;
  return {
    get count() {
      return all.length;
    },
    get min() {
      return at(0.001);
    },
    get max() {
      return at(1);
    },
    get mean() {
      return all.reduce((sum, one) => sum + one, 0) / all.length;
    },
    stddev: 5e6,
    percentile: percentile => at(percentile / 100),
    reset() {
      all = [];
    },
  };
}

async function figuresOf(registry: Registry): Promise<Record<string, number>> {
  const text = await registry.metrics();
  return Object.fromEntries(
    [...text.matchAll(/^nodejs_eventloop_lag_(\w+)_seconds (\S+)$/gm)].map(([, name = '', value]) => [
      name,
      Number(Number(value).toFixed(6)),
    ]),
  );
}

describe('metrics of the event loop', () => {
  it('say how much later than due, whatever time lies between two looks', async () => {
    const registry = new Registry();
    registerEventLoopMetrics(registry, delaysOf(0, 0, 40, 300), LOOK_MS);
    const expected = { min: 0, max: 0.3, mean: 0.085, stddev: 0.005, p50: 0, p90: 0.3, p99: 0.3 };
    assert.deepEqual(await figuresOf(registry), expected);
    // Nothing was seen since.
    assert.deepEqual(await figuresOf(registry), expected);
  });

  it('are never less than nothing, though a timer may come a moment early', async () => {
    const registry = new Registry();
    registerEventLoopMetrics(registry, delaysOf(-1, -1), LOOK_MS);
    const { min, mean, p99 } = await figuresOf(registry);
    assert.deepEqual({ min, mean, p99 }, { min: 0, mean: 0, p99: 0 });
  });

  it('have the names and helps that prom-client gives them, once each', async () => {
    const [theirs, ours] = [new Registry(), new Registry()];
    for (const registry of [theirs, ours]) collectDefaultMetrics({ register: registry });
    registerEventLoopMetrics(ours, delaysOf(1));
    const described = async (registry: Registry) =>
      (await registry.metrics()).split('\n').filter(line => /^# \w+ nodejs_eventloop/.test(line));
    assert.deepEqual((await described(ours)).sort(), (await described(theirs)).sort());
  });

  it('do not wake a process with nothing to do more than ten times a second', async () => {
    const child = startCli([], { main: new URL('idle-metrics.ts', import.meta.url).pathname });
    const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
    await new Promise(resolve => child.once('close', resolve));
    const { turns, seconds } = JSON.parse(stdout() || '{}');
    // Those of the clock itself come on top.
    assert.ok(turns / seconds < 20, `${turns} turns of the event loop in ${seconds} s; it said: ${stderr()}`);
  });
});
