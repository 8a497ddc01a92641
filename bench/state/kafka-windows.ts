// Events counted in tumbling windows over Kafka: a Pipeline with its state in Redis, and Kafka
// Streams with exactly-once on one thread.
// Needs redis-server, Kafka, Maven and a JDK. `--events 200000 --warm 50000
// --rounds 1` for a quick look.
import { execFileSync, type StdioOptions } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { realWorld } from '../../core/world.ts';
import { openKafkaEventLog } from '../../drivers/event-log/kafka/kafka-event-log.ts';
import { startKafka } from '../../test/services/kafka.ts';
import { startRedis } from '../../test/services/redis.ts';
import { loadNow } from '../measure/machine.ts';
import { cpuMsOf } from '../measure/proc.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin } from '../measure/server-process.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '2000000' },
    warm: { type: 'string', default: '600000' },
    rounds: { type: 'string', default: '3' },
  },
});
const folder = join(import.meta.dirname, 'kafka-windows');
const classpath = execFileSync(join(folder, 'install'), { encoding: 'utf8' }).trim().split('\n').at(-1) ?? '';
const java = execFileSync(join(import.meta.dirname, '../../test/services/find-java'), ['17'], {
  encoding: 'utf8',
}).trim();
const BAR = 1.5;

interface Sample {
  readonly rate: number;
  readonly cpuUs: number;
}

const OURS = 'Pipeline, state fenced in Redis';
const EXACTLY = 'Kafka Streams, exactly once';
const AT_LEAST = 'Kafka Streams, at least once';
const samples = new Map<string, Sample[]>();
const redisUs: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  // All count the same events of the same topic; the first one fills it.
  const [kafka, redis] = await Promise.all([startKafka({ isMeasured: true }), startRedis()]);
  const brokers = kafka.brokers.join(',');
  const log = openKafkaEventLog({ world: realWorld, connection: { brokers: kafka.brokers } });
  await log.ensureTopic('default.streams-results', { partitions: 1 });
  await log.close();
  const run = (name: string, command: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const [program = '', ...args] = [...(canPin ? ['taskset', '-c', '1'] : []), ...command];
    const stdio: StdioOptions = ['ignore', 'pipe', 'inherit'];
    const options = { encoding: 'utf8', env: { ...process.env, ...env }, stdio } as const;
    const printed = execFileSync(program, args, options).trim().split('\n').at(-1) ?? '';
    samples.set(name, [...(samples.get(name) ?? []), JSON.parse(printed)]);
  };
  const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
  const file = join(import.meta.dirname, 'windows/run.ts');
  const ours = [process.execPath, ...flags, file, 'built-in', values.events, values.warm];
  const before = cpuMsOf(redis.process.pid);
  run(OURS, ours, { BROKERS: brokers, REDIS: redis.url });
  redisUs.push(((cpuMsOf(redis.process.pid) - before) * 1000) / Number(values.events));
  for (const [name, guarantee] of [
    [EXACTLY, 'exactly_once_v2'],
    [AT_LEAST, 'at_least_once'],
  ] as const)
    run(name, [
      java,
      '-Xmx512m',
      '-cp',
      classpath,
      'CountStreams',
      brokers,
      'default.clicks',
      values.events,
      guarantee,
      values.warm,
    ]);
  await Promise.all([kafka.stop(), redis.process.stop()]);
}
const of = (name: string, figure: keyof Sample) => median((samples.get(name) ?? []).map(sample => sample[figure]));
const ratio = of(OURS, 'rate') / of(EXACTLY, 'rate');
publish('kafka-windows', 'Events counted in windows, over Kafka', [
  `A topic of 4 partitions in Kafka (4.3.1, one broker) holds ${Number(values.events).toLocaleString('en')} events of 250 bytes over 10,000 keys; count and sum of a field of their JSON in tumbling windows of 10 s of the events' own time, until the last event is counted and its position is kept; the first ${Number(values.warm).toLocaleString('en')} are not measured, so that compilers are warm. The Pipeline keeps windows and position together in Redis; Kafka Streams 4.3.1 has one thread, its state in memory with a changelog in Kafka, commits each 100 ms and emits when a window closes. Each process has ${canPin ? 'one core' : 'no core of its own'}; the services have both. Median of ${values.rounds} interleaved rounds; CPU is that of the process, all its threads.`,
  toTable(
    ['', 'events/s', 'CPU µs/event', 'of Redis'],
    [OURS, EXACTLY, AT_LEAST].map(name => [
      name,
      Math.round(of(name, 'rate')).toLocaleString('en'),
      of(name, 'cpuUs').toFixed(1),
      name === OURS ? median(redisUs).toFixed(2) : '',
    ]),
  ),
  `Bar: at least ${BAR} times Kafka Streams with exactly once: ${ratio.toFixed(2)}, ${ratio >= BAR ? 'met' : 'missed'}. ${loadNow()}`,
]);
process.exit(0);
