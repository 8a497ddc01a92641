// The dispatcher against a plain loop of the same client: order by key, 64 calls in flight to a
// function over HTTP; with failing events and a poisoned key.
// `--events 20000 --rounds 2` for a quick look.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, startServer } from '../measure/server-process.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '5' } },
});
const events = Number(values.events);
/** Well below what the dispatcher can do, so that latency is not that of a queue before it. */
const PACE = 3000;

interface Sample {
  readonly rate: number;
  readonly cpuUs: number;
  readonly p99: number;
}

const base = { consumer: 'dispatcher', events, failing: 0, poisoned: false, pace: 0 };
const paced = { ...base, events: Math.min(events, PACE * 6), pace: PACE };
const runs = {
  'plain loop': { ...base, consumer: 'plain' },
  dispatcher: base,
  'dispatcher, 1% fail once': { ...base, failing: 0.01 },
  'dispatcher, one poisoned key of 10,000': { ...base, poisoned: true },
  'dispatcher, 3,000/s': paced,
  'dispatcher, 3,000/s, 1% fail once': { ...paced, failing: 0.01 },
};
type Run = keyof typeof runs;
const names = Object.keys(runs) as Run[];

const server = await startServer(['function.mjs'], 0, join(import.meta.dirname, 'dispatch'));
const samples = new Map<Run, Sample[]>();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const name of names) {
    const options = JSON.stringify({ ...runs[name], url: `http://127.0.0.1:${server.port}` });
    const file = join(import.meta.dirname, 'dispatch/run.ts');
    const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
    const pin = canPin ? ['taskset', '-c', '1'] : [];
    const [program = '', ...args] = [...pin, process.execPath, ...flags, file, options];
    const sample: Sample = JSON.parse(execFileSync(program, args, { encoding: 'utf8' }));
    samples.set(name, [...(samples.get(name) ?? []), sample]);
  }
}
server.stop();

const of = (name: Run, figure: keyof Sample) => median((samples.get(name) ?? []).map(sample => sample[figure]));
const share = (name: Run, other: Run) => of(name, 'rate') / of(other, 'rate');
const rows = names.map(name => {
  const p99 = of(name, 'p99');
  return [
    name,
    Math.round(of(name, 'rate')).toLocaleString('en'),
    of(name, 'cpuUs').toFixed(1),
    p99 === 0 ? '' : p99.toFixed(0),
  ];
});
const bar = (what: string, value: number, holds: boolean, shown = `${(value * 100).toFixed(1)}%`) =>
  `- ${what}: ${shown}, ${holds ? 'met' : 'missed'}.`;
const plain = share('dispatcher', 'plain loop');
const failing = share('dispatcher, 1% fail once', 'dispatcher');
const poisoned = share('dispatcher, one poisoned key of 10,000', 'dispatcher');
const latency = of('dispatcher, 3,000/s, 1% fail once', 'p99') / of('dispatcher, 3,000/s', 'p99');
publish('dispatch', 'The dispatcher: events of 200 bytes to a function over HTTP', [
  `Order by key with 10,000 keys in 6 partitions, 64 calls in flight, every promise on: durable attempts, parking, commits. The consumer with its log ${canPin ? 'pinned to one core, the function to the other' : 'not pinned'}; a backlog of ${events.toLocaleString('en')} events. The plain loop makes the same calls with the same client, reads the same log, and keeps neither order nor attempts nor position. Median of ${values.rounds} interleaved rounds. Latency is from append to handled, of events that did not fail.`,
  toTable(['', 'events/s', 'CPU µs/event', 'p99 ms'], rows),
  [
    bar('At least 80% of the plain loop', plain, plain >= 0.8),
    bar('At least 85% of the clean rate with 1% failing events', failing, failing >= 0.85),
    bar('Other keys with one poisoned key: at least 97%', poisoned, poisoned >= 0.97),
    bar('p99 of other keys with 1% failing: at most 2×', latency, latency <= 2, `${latency.toFixed(2)}×`),
  ].join('\n'),
  `A failed event costs ${((of('dispatcher, 1% fail once', 'cpuUs') - of('dispatcher', 'cpuUs')) * 100).toFixed(0)} µs of CPU more than another: a second call, and two records in the parking log (parked, handled), each appended, synced and read back through the threads of the database before it counts. Rates are over the whole run, which ends with the wait for the last retries (0.2 s).`,
]);
process.exit(0);
