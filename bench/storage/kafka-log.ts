// The log over Kafka: durable appends of 1 KB by 256 callers, and reading them as a member of a
// group, beside bare kafkajs batched by hand.
// `--seconds 2 --rounds 2` for a quick look.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startKafka } from '../../test/services/kafka.ts';
import { median, publish, toTable } from '../measure/report.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '5' } },
});

interface Sample {
  readonly appends: number;
  readonly appendCpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly reads: number;
  readonly readCpuUs: number;
}

const subjects = [
  ['Tenfold’s log over Kafka', 'tenfold'],
  ['bare kafkajs, batched by hand', 'kafkajs'],
] as const;
const samples = new Map<string, Sample[]>();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, client] of subjects) {
    // A broker of its own for each run: what the one before wrote is still on its way to the disk.
    const kafka = await startKafka({ isMeasured: true });
    const file = join(import.meta.dirname, 'kafka-log/run.ts');
    const flags = ['--conditions=tenfold-source', '--disable-warning=TimeoutNegativeWarning'];
    const args = [...flags, file, client, kafka.brokers.join(','), '256', values.seconds];
    const printed = execFileSync(process.execPath, args, { encoding: 'utf8' });
    samples.set(name, [...(samples.get(name) ?? []), JSON.parse(printed)]);
    await kafka.stop();
  }
}

const of = (name: string, figure: (sample: Sample) => number) => median((samples.get(name) ?? []).map(figure));
const rows = subjects.map(([name]) => [
  name,
  Math.round(of(name, ({ appends }) => appends)).toLocaleString('en'),
  of(name, ({ appendCpuUs }) => appendCpuUs).toFixed(1),
  of(name, ({ p50Ms }) => p50Ms).toFixed(1),
  of(name, ({ p99Ms }) => p99Ms).toFixed(1),
  Math.round(of(name, ({ reads }) => reads)).toLocaleString('en'),
  of(name, ({ readCpuUs }) => readCpuUs).toFixed(1),
]);
const [[ours], [bare]] = subjects;
const share = of(ours, ({ appends }) => appends) / of(bare, ({ appends }) => appends);
const later = of(ours, ({ p99Ms }) => p99Ms) / of(bare, ({ p99Ms }) => p99Ms);
publish('kafka-log', 'The log over Kafka', [
  `One client process and one broker (4.3.1, heap 256 MB) on the same machine; 1 KB and four headers an event, 10,000 keys, 6 partitions, \`acks=all\`, idempotent producers, 256 callers who each wait for their answer. Reading is of all that was written, as the only member of a group, until it is there as records. Median of ${values.rounds} interleaved rounds of ${values.seconds} s; CPU is that of the client process, user and system.`,
  toTable(['', 'appends/s', 'CPU µs/append', 'p50 ms', 'p99 ms', 'reads/s', 'CPU µs/read'], rows),
  `This is the log alone, without a gateway before it or a dispatcher behind it. Bars for the part of an accept that is here: at least 70% of the appends of bare kafkajs (${share >= 0.7 ? 'met' : 'missed'}: ${Math.round(100 * share)}%), and a p99 of at most twice its (${later <= 2 ? 'met' : 'missed'}: ${later.toFixed(2)} times).`,
]);
