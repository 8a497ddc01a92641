// A View of a million events that is built anew while it serves: how fast, and what its readers
// notice. `--events 50000 --rounds 1` for a quick look.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin } from '../measure/server-process.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '3' } },
});
const rounds = Number(values.rounds);

interface Times {
  readonly p50: number;
  readonly p99: number;
}
interface Sample {
  readonly rate: number;
  readonly rebuilt: number;
  readonly quiet: Times;
  readonly busy: Times;
}

const samples: Sample[] = [];
for (let round = 0; round < rounds; round++) {
  const pin = canPin ? ['taskset', '-c', '1'] : [];
  const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
  const file = join(import.meta.dirname, 'view-life/rebuild.ts');
  const [program = '', ...args] = [...pin, process.execPath, ...flags, file, values.events];
  const printed = execFileSync(program, args, { encoding: 'utf8' });
  samples.push(JSON.parse(printed.trim().split('\n').at(-1) ?? ''));
}

const of = (figure: (sample: Sample) => number) => median(samples.map(figure));
const count = (n: number) => Math.round(n).toLocaleString('en');
const verdict = (is: boolean) => (is ? 'met' : '**missed**');
const share = of(({ rebuilt, rate }) => rebuilt / rate);
const slower = of(({ quiet, busy }) => busy.p99 / quiet.p99);
const ms = (n: number) => n.toFixed(2);
publish('view-rebuild', `A View of ${count(Number(values.events))} events, built anew while it serves`, [
  `A table of 10,000 rows from a Topic of 4 partitions, SQLite on disk, log, fold and readers in one process${canPin ? ' on one core' : ''}; point reads 200 times a second, each timed from when it was due; median of ${rounds} rounds.`,
  toTable(
    ['', 'events/s', 'readers p50 ms', 'readers p99 ms'],
    [
      ['folded, nobody reads', count(of(({ rate }) => rate)), '', ''],
      ['read, nothing is built', '', ms(of(({ quiet }) => quiet.p50)), ms(of(({ quiet }) => quiet.p99))],
      [
        'built anew while it is read',
        count(of(({ rebuilt }) => rebuilt)),
        ms(of(({ busy }) => busy.p50)),
        ms(of(({ busy }) => busy.p99)),
      ],
    ],
  ),
  `Bars: at least 70% of the fold's rate (${verdict(share >= 0.7)}: ${(share * 100).toFixed(0)}%), and readers' p99 at most 1.5× (${verdict(slower <= 1.5)}: ${slower.toFixed(2)}×). All of it shares one core: a reader waits behind the steps of 1,000 records that are under way in each stage. Steps of 100 were tried on a busy machine: they cost about 40% of the rate, and readers waited half as long at best.`,
]);
