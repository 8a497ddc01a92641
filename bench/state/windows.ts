// Windows of pipelines: a backlog of a million events counted over 10,000 keys, from the log on
// disk to results and state on disk.
// `--events 200000 --rounds 1` for a quick look.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '5' } },
});

interface Sample {
  readonly rate: number;
  readonly cpuUs: number;
  readonly rssMb: number;
}

const subjects = [
  ['built-in', 'count and sum, keyed as the topic', 200_000],
  ['cel', 'the same with a CEL filter, and a CEL expression as the key', 130_000],
  ['users', 'count and distinct users, keyed as the topic', undefined],
  ['by another key', 'count and sum, by another key than that of the topic', undefined],
] as const;
const samples = new Map<string, Sample[]>();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name] of subjects) {
    const file = join(import.meta.dirname, 'windows/run.ts');
    const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
    const command = [process.execPath, ...flags, file, name, values.events];
    // All threads of the process share one core.
    const printed = execFileSync('taskset', ['-c', '1', ...command], { encoding: 'utf8' });
    samples.set(name, [...(samples.get(name) ?? []), JSON.parse(printed)]);
  }
}

const of = (name: string, figure: (sample: Sample) => number) => median((samples.get(name) ?? []).map(figure));
const rows = subjects.map(([name, what, bar]) => {
  const rate = of(name, sample => sample.rate);
  return [
    what,
    Math.round(rate).toLocaleString('en'),
    of(name, ({ cpuUs }) => cpuUs).toFixed(2),
    of(name, ({ rssMb }) => rssMb).toFixed(0),
    bar === undefined ? '-' : `${bar.toLocaleString('en')} (${rate >= bar ? 'met' : 'missed'})`,
  ];
});
publish('windows', 'Pipelines: events counted in windows', [
  `A topic of 4 partitions holds ${Number(values.events).toLocaleString('en')} events of 250 bytes over 10,000 keys; a pipeline counts them in tumbling windows of 10 s, and has written what it knows when the last one counts as handled. The whole process, the threads that own the database included, has one core. Median of ${values.rounds} interleaved rounds. CPU is user and system time of all threads.`,
  toTable(['', 'events/s', 'CPU µs/event', 'RSS MB', 'bar'], rows),
  'By another key each event goes through an internal topic to the partition of its key: it is read, written and read again.',
  `Where it goes, by a profile of the serving thread on 2026-11-26, filling the topic included: a third in records taken apart, put together and checked; a tenth each in the JSON of events, in garbage, and in handing frames to the threads of the database; a sixth in the windows themselves.`,
]);
