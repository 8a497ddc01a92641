// A View whose log is in Kafka and whose rows are in Redis: how fast it folds, and how soon it
// answers. Needs redis-server and Kafka.
// `--events 20000 --rounds 1` for a quick look.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startKafka } from '../../test/services/kafka.ts';
import { startRedis } from '../../test/services/redis.ts';
import { loadNow } from '../measure/machine.ts';
import { cpuMsOf } from '../measure/proc.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin } from '../measure/server-process.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '300000' }, rounds: { type: 'string', default: '3' } },
});
const events = Number(values.events);
const BAR = 20_000;

interface Figures {
  readonly rate: number;
  readonly cpuUs: number;
  readonly rssMb: number;
  readonly p50: number;
  readonly p99: number;
}
type Sample = Figures & { readonly redisUs: number };

const subjects = ['table', 'table, two indexes', 'aggregate, 10,000 keys', 'ranking'] as const;
const samples = new Map<string, Sample[]>();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const subject of subjects) {
    const [kafka, redis] = await Promise.all([startKafka({ isMeasured: true }), startRedis()]);
    const script = join(import.meta.dirname, 'views/run.ts');
    const node = [process.execPath, '--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
    const pin = canPin ? ['taskset', '-c', '1'] : [];
    const count = subject === 'table' ? events : Math.round(events / 3);
    const [program = '', ...args] = [...pin, ...node, script, subject, String(count), '1000'];
    const env = { ...process.env, BROKERS: kafka.brokers.join(','), REDIS: redis.url };
    const before = cpuMsOf(redis.process.pid);
    const printed = execFileSync(program, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] });
    const redisUs = ((cpuMsOf(redis.process.pid) - before) * 1000) / count;
    const figures: Figures = JSON.parse(printed.trim().split('\n').at(-1) ?? '');
    samples.set(subject, [...(samples.get(subject) ?? []), { ...figures, redisUs }]);
    await Promise.all([kafka.stop(), redis.process.stop()]);
  }
}
const of = (subject: string, figure: keyof Sample) =>
  median((samples.get(subject) ?? []).map(sample => sample[figure]));
const bars = (['table', 'aggregate, 10,000 keys'] as const).map(subject => {
  const rate = of(subject, 'rate');
  return `${subject}: ${rate >= BAR ? 'met' : 'missed'}, ${Math.round(rate).toLocaleString('en')}`;
});
publish('redis-fold', 'Views over Kafka and Redis', [
  `Events of about 200 bytes, each of another row or member, or added to one of 10,000 keys: ${events.toLocaleString('en')} for the table, a third of that for the others. One process on ${canPin ? 'one core' : 'a core of its own choice'} reads the topic from Kafka (4.3.1, one broker), writes and reads the internal topic there, and folds into Redis (\`appendonly\`, synced each second); then it is asked 1,000 times. Median of ${values.rounds} interleaved rounds. CPU of the process is from its joining on, that of Redis includes questions and persistence.`,
  toTable(
    ['view', 'events/s', 'µs CPU/event', 'µs CPU/event of Redis', 'MiB', 'p50 ms', 'p99 ms'],
    subjects.map(subject => [
      subject,
      Math.round(of(subject, 'rate')).toLocaleString('en'),
      of(subject, 'cpuUs').toFixed(1),
      of(subject, 'redisUs').toFixed(1),
      of(subject, 'rssMb').toFixed(0),
      of(subject, 'p50').toFixed(2),
      of(subject, 'p99').toFixed(2),
    ]),
  ),
  `Bar: a table and an aggregate fold at least ${BAR.toLocaleString('en')} events a second (${bars.join('; ')}). ${loadNow()}`,
]);
process.exit(0);
