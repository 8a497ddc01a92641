// What a back-up costs those who write meanwhile: writes at a steady rate before it, while it is
// copied and while it is checked.
// `--mib 100 --seconds 5 --rounds 1` for a quick look.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadNow } from '../measure/machine.ts';
import { median, publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
  },
});
const { mib, rate, seconds, rounds } = values;

interface Latencies {
  readonly writes: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

interface Sample {
  readonly before: Latencies;
  readonly copied: Latencies;
  readonly checked: Latencies;
  readonly after: Latencies;
  readonly copySeconds: number;
  readonly checkSeconds: number;
}

const samples = Array.from({ length: Number(rounds) }, (): Sample => {
  const file = join(import.meta.dirname, 'back-up/measure.ts');
  const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
  return JSON.parse(execFileSync(process.execPath, [...flags, file, mib, rate, seconds], { encoding: 'utf8' }));
});

const of = (figure: (sample: Sample) => number) => median(samples.map(figure));
const phases = [
  ['before', ({ before }: Sample) => before],
  ['while it is copied', ({ copied }: Sample) => copied],
  ['while it is checked', ({ checked }: Sample) => checked],
  ['after', ({ after }: Sample) => after],
] as const;
const rows = phases.map(([name, pick]) => [
  name,
  String(of(sample => pick(sample).writes)),
  of(sample => pick(sample).p50).toFixed(1),
  of(sample => pick(sample).p99).toFixed(1),
  of(sample => pick(sample).longest).toFixed(1),
]);
const before = of(sample => sample.before.p99);
const worst = Math.max(
  of(sample => sample.copied.p99),
  of(sample => sample.checked.p99),
);
publish('back-up', 'A back-up under writes', [
  `One process with ${mib} MiB of events and rows on this machine's disk, and ${rate} durable writes of 1,000 bytes a second, by turns to the log and to the store. Each write counts from the time at which it was due. The back-up goes at its own rate (64 MiB a second at most); it was copied in ${of(sample => sample.copySeconds).toFixed(1)} s, and checked in ${of(sample => sample.checkSeconds).toFixed(1)} s. Median of ${rounds} rounds. ${loadNow()}`,
  toTable(['', 'writes', 'p50 ms', 'p99 ms', 'longest ms'], rows),
  `Bar: p99 of the writes is at most 1.5 times that before the back-up (${worst <= 1.5 * before ? 'met' : 'missed'}: ${(worst / before).toFixed(2)} times).`,
]);
