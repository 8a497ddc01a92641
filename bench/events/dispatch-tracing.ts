// The cost of tracing for the dispatcher: off, at 1% and at 100% sampling. CPU is that of the whole
// process, with its log and the thread that sends. `--events 20000 --rounds 3` is a quick look.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, startServer } from '../measure/server-process.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '60000' }, rounds: { type: 'string', default: '9' } },
});
const events = Number(values.events);
/** Well below what the dispatcher can do, so that latency is not that of a queue before it. */
const PACE = 3000;
/** In this time the process still compiles, and starts the thread that sends. */
const START_SECONDS = 2;
const PACED_SECONDS = 4;

interface Sample {
  readonly rate: number;
  readonly cpuUs: number;
  readonly p99: number;
  /** Of the first seconds after the start. */
  readonly firstP99: number;
}

interface Variant {
  readonly name: string;
  /** The share of the events whose publication was sampled; undefined: no collector. */
  readonly sampling: number | undefined;
  /** The most CPU, as a multiple of that without tracing. */
  readonly bar: number;
}

const P99_BAR = 1.1;
/** The first two have no tracing: their difference is the noise of the measurement. */
const VARIANTS: readonly Variant[] = [
  { name: 'off', sampling: undefined, bar: 1 },
  { name: 'off, again', sampling: undefined, bar: 1.005 },
  { name: '1%', sampling: 0.01, bar: 1.02 },
  { name: '100%', sampling: 1, bar: 1.1 },
];

const server = await startServer(['dispatch/function.mjs'], 0, import.meta.dirname);
const collector = await startServer(['gateway-tracing/collector.mjs'], 0, join(import.meta.dirname, '../gateway'));
const base = { consumer: 'dispatcher', failing: 0, poisoned: false, url: `http://127.0.0.1:${server.port}` };
const run = async (sampling: number | undefined, more: object): Promise<Sample> => {
  const tracing = sampling === undefined ? undefined : { sampling, collector: `http://127.0.0.1:${collector.port}` };
  const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
  const pin = canPin ? ['taskset', '-c', '1'] : [];
  const file = join(import.meta.dirname, 'dispatch/run.ts');
  const [program = '', ...args] = [...pin, process.execPath, ...flags, file];
  const { stdout } = await promisify(execFile)(program, [...args, JSON.stringify({ ...base, ...more, tracing })]);
  return JSON.parse(stdout);
};

const samples = new Map<Variant, Sample[]>();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const variant of VARIANTS) {
    const backlog = await run(variant.sampling, { events, warm: Math.round(events / 4), pace: 0 });
    const warm = PACE * START_SECONDS;
    const { p99, firstP99 } = await run(variant.sampling, { events: warm + PACE * PACED_SECONDS, warm, pace: PACE });
    samples.set(variant, [...(samples.get(variant) ?? []), { ...backlog, p99, firstP99 }]);
  }
}
server.stop();
collector.stop();

function of(variant: Variant) {
  const all = samples.get(variant) ?? [];
  const middle = (figure: keyof Sample) => median(all.map(one => one[figure]));
  return { cpuUs: middle('cpuUs'), rate: middle('rate'), p99: middle('p99'), firstP99: middle('firstP99') };
}
const [off] = VARIANTS;
const plain = off && of(off);
if (plain === undefined) throw new Error('nothing was measured');
const rows = VARIANTS.map(variant => {
  const { cpuUs, rate, p99, firstP99 } = of(variant);
  const cells = [Math.round(rate).toLocaleString('en'), cpuUs.toFixed(1), (cpuUs / plain.cpuUs).toFixed(3)];
  return [variant.name, ...cells, p99.toFixed(1), (p99 / plain.p99).toFixed(2), firstP99.toFixed(1)];
});
const verdicts = VARIANTS.slice(1).flatMap(variant => {
  const { cpuUs, p99 } = of(variant);
  const told = (ratio: number, bar: number, what: string) =>
    `- ${ratio <= bar ? 'met' : '**not met**'}: ${variant.name} ≤ ${bar}× ${what} of off: ${ratio.toFixed(3)}`;
  return [told(cpuUs / plain.cpuUs, variant.bar, 'CPU'), told(p99 / plain.p99, P99_BAR, 'p99')];
});
publish('dispatch-tracing', 'What tracing costs the dispatcher', [
  `Events of 200 bytes to a function over HTTP, order by key, 64 calls in flight; two spans for each event, sent in protobuf to a server that drops them. The consumer with its log ${canPin ? 'pinned to one core, the function and the collector to the other' : 'not pinned'}. CPU and rate are of a backlog of ${events.toLocaleString('en')} events behind its first quarter, p99 is from append to handled at ${PACE.toLocaleString('en')} events a second, of ${PACED_SECONDS} s behind the first ${START_SECONDS}, in which the process starts and compiles and whose own p99 is in the last column; medians of ${values.rounds} interleaved rounds.`,
  toTable(['sampling', 'events/s', 'CPU µs/event', 'of off', 'p99 ms', 'of off', 'p99 ms of the start'], rows),
  verdicts.join('\n'),
]);
process.exit(0);
