// The embedded log: single appends of 200 bytes, 1,024 in flight, each durable before it is
// answered; and how the serving thread feels meanwhile.
// `--seconds 2 --rounds 2` for a quick look.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, rounds: { type: 'string', default: '5' } },
});

interface Sample {
  readonly rate: number;
  readonly cpuUs: number;
  readonly delayP99Ms: number;
  readonly latencyP99Ms: number;
}

const subjects: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['tenfold, 1,024 in flight', ['tenfold', '1024']],
  ['tenfold, 64 in flight', ['tenfold', '64']],
  ['tenfold, 1 in flight', ['tenfold', '1']],
  ['bare node:sqlite, 1,024 rows a commit, in the serving thread', ['bare', '1024']],
];
const samples = new Map<string, Sample[]>();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, args] of subjects) {
    const file = join(import.meta.dirname, 'event-log/append.ts');
    const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
    const printed = execFileSync(process.execPath, [...flags, file, ...args, values.seconds], { encoding: 'utf8' });
    samples.set(name, [...(samples.get(name) ?? []), JSON.parse(printed)]);
  }
}

const of = (name: string, figure: (sample: Sample) => number) => median((samples.get(name) ?? []).map(figure));
const rows = subjects.map(([name]) => [
  name,
  Math.round(of(name, ({ rate }) => rate)).toLocaleString('en'),
  of(name, ({ cpuUs }) => cpuUs).toFixed(2),
  of(name, ({ latencyP99Ms }) => latencyP99Ms).toFixed(1),
  of(name, ({ delayP99Ms }) => delayP99Ms).toFixed(1),
]);
const [[first = ''] = []] = subjects;
const rate = of(first, sample => sample.rate);
const delay = of(first, ({ delayP99Ms }) => delayP99Ms);
publish('event-log', 'The embedded log: durable appends of 200 bytes', [
  `One process, the log on this machine's disk with \`synchronous=FULL\`; each append is one event and is answered when it is on disk. Median of ${values.rounds} interleaved rounds of ${values.seconds} s. CPU is user and system time of all threads of the process; the delay is that of the event loop of the thread that appends, sampled every millisecond.`,
  toTable(['', 'events/s', 'CPU µs/event', 'append p99 ms', 'event loop p99 ms'], rows),
  `Bars: at least 200,000 durable events/s at 1,024 in flight (${rate >= 200_000 ? 'met' : 'missed'}: ${Math.round(rate).toLocaleString('en')}), and an event loop whose p99 is at most 5 ms late meanwhile (${delay <= 5 ? 'met' : 'missed'}: ${delay.toFixed(1)} ms).`,
]);
