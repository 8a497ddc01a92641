// Jobs added durably and worked, against BullMQ on Redis, graphile-worker and pg-boss on
// PostgreSQL; each durable before it is answered.
// Needs `npm ci` in bench/, redis-server and PostgreSQL; `--jobs 5000 --rounds 1` for a quick look.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median, publish, toTable } from '../measure/report.ts';
import { startPostgres, startRedis } from './queue/services.ts';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '3' } },
});
const here = import.meta.dirname;
const folder = mkdtempSync(join(here, 'queue/.data-'));
// PostgreSQL runs as a user of its own, who must get through.
chmodSync(folder, 0o755);
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

interface Sample {
  readonly added: number;
  readonly addCpuUs: number;
  readonly worked: number;
  readonly workCpuUs: number;
}

const subjects = ['tenfold', 'bullmq', 'graphile-worker', 'pg-boss'] as const;
type Subject = (typeof subjects)[number];
const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];

async function run(subject: Subject, round: number): Promise<Sample | undefined> {
  const data = join(folder, `${subject}-${round}`);
  mkdirSync(data);
  const read = (args: readonly string[]): Sample =>
    JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', cwd: here }).trim().split('\n').at(-1) ?? '');
  try {
    if (subject === 'tenfold') {
      const thread = join(here, '../../drivers/sqlite/thread-main.ts');
      return read([...flags, join(here, 'queue/tenfold.ts'), join(data, 'queue.db'), thread, values.jobs]);
    }
    const service = await (subject === 'bullmq' ? startRedis(data) : startPostgres(data));
    if (!service) return undefined;
    try {
      return read([join(here, 'queue/peers.mjs'), subject, String(service.port), values.jobs]);
    } finally {
      await service.stop();
    }
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

const samples = new Map<Subject, Sample[]>();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const subject of subjects) {
    const sample = await run(subject, round);
    if (sample) samples.set(subject, [...(samples.get(subject) ?? []), sample]);
  }
}

const of = (subject: Subject, figure: keyof Sample) =>
  median((samples.get(subject) ?? []).map(sample => sample[figure]));
const count = (value: number) => Math.round(value).toLocaleString('en');
const rows = subjects.map(subject =>
  samples.has(subject)
    ? [
        subject,
        count(of(subject, 'added')),
        of(subject, 'addCpuUs').toFixed(0),
        count(of(subject, 'worked')),
        of(subject, 'workCpuUs').toFixed(0),
      ]
    : [subject, 'not installed', '', '', ''],
);
const ahead = (figure: 'added' | 'worked') => of('tenfold', figure) / of('bullmq', figure);
const say = (what: string, ratio: number) => `${what} ${ratio.toFixed(1)}× BullMQ (${ratio > 1 ? 'met' : 'missed'})`;
publish('queue', 'Queues: jobs added durably, and worked 64 at a time', [
  `${count(Number(values.jobs))} jobs of 200 bytes, added one by one by 64 callers, then worked 64 at a time by a worker that does nothing; median of ${values.rounds} interleaved rounds. Redis with \`appendfsync always\`, PostgreSQL with its defaults (every commit on disk), Tenfold on SQLite with \`synchronous=FULL\`, each in a folder on the same disk. CPU is that of the measured process: for Tenfold the database is in it, for the others Redis and PostgreSQL come on top.`,
  toTable(['', 'added/s', 'CPU µs/job', 'worked/s', 'CPU µs/job'], rows),
  `Bar: ahead of BullMQ in both: ${say('added', ahead('added'))}, ${say('worked', ahead('worked'))}. Tenfold keeps order, attempts, position and the state of every job, and calls its target in process here; what a hop over HTTP costs is in event-accept.md and dispatch.md. BullMQ removes finished jobs; the others keep or delete them by their defaults.`,
]);
process.exit(0);
