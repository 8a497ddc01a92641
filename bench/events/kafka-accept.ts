// Gateway to Kafka: POST of 1 KB to a topic by 256 clients, answered when all in-sync replicas have
// it; beside a kafkajs producer batched by hand. `--seconds 2 --rounds 1` for a quick look.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { YOUNG_GENERATION } from '../../cli/lean-heap.ts';
import { realWorld } from '../../core/world.ts';
import { openKafkaEventLog } from '../../drivers/event-log/kafka/kafka-event-log.ts';
import { startKafka } from '../../test/services/kafka.ts';
import { profiled } from '../measure/cpu-profile.ts';
import { load, toRequest } from '../measure/load.ts';
import { loadNow } from '../measure/machine.ts';
import { cpuMsOf } from '../measure/proc.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, startServer } from '../measure/server-process.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '5' } },
});
const CONNECTIONS = 256;
const BYTES = 1024;
const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
const quiet = [...flags, '--disable-warning=TimeoutNegativeWarning'];

/** By whose code it is. */
const GROUPS: readonly (readonly [RegExp, string])[] = [
  [/drivers\/event-log\/kafka/, 'the Kafka driver: batches, records, CRC, the protocol'],
  [/drivers\/event-log/, 'the port of the log'],
  [/gateway\/accept|core\/events|core\/cloud/, 'the topic endpoint: the event read, checked and given an answer'],
  [/gateway\//, 'the gateway: routing, policies, metrics, log'],
  [/^node:/, 'JavaScript of Node: HTTP, streams, sockets, promises'],
];

interface Broker {
  readonly brokers: string;
  readonly pid: number;
}

interface Sample {
  readonly rate: number;
  readonly cpuUs: number;
  /** CPU of the broker; absent where it was not measured. */
  readonly brokerUs?: number;
  readonly p50: number;
  readonly p99: number;
}

const body = JSON.stringify({ orderId: '0193f3a2-17', table: 7, items: '' });
const data = body.replace('""', `"${'x'.repeat(BYTES - body.length)}"`);
const requests = Array.from({ length: 10_000 }, (_, key) =>
  toRequest('POST', '/events', data, [
    'ce-specversion: 1.0',
    'ce-id: 1',
    'ce-source: /bench',
    'ce-type: OrderCreated',
    `ce-partitionkey: key-${key}`,
  ]),
);

async function overHttp(server: string, { brokers, pid }: Broker, own: readonly string[] = []): Promise<Sample> {
  const folder = mkdtempSync(join(import.meta.dirname, 'event-accept/.data-'));
  const env = { BROKERS: brokers, DATA: folder };
  const running = await startServer([...own, ...quiet, `event-accept/${server}`], 1, import.meta.dirname, env);
  let turn = 0;
  const request = () => requests[turn++ % requests.length] ?? Buffer.alloc(0);
  const options = { port: running.port, connections: CONNECTIONS, request, status: 204, varying: true };
  // The broker's compiler has to be warm, too.
  await load({ ...options, durationMs: 3000 });
  const before = running.cpuMs();
  const brokerBefore = cpuMsOf(pid);
  const {
    requests: count,
    seconds,
    latenciesMs,
  } = await load({ ...options, durationMs: Number(values.seconds) * 1000 });
  const cpuUs = ((running.cpuMs() - before) * 1000) / count;
  const brokerUs = ((cpuMsOf(pid) - brokerBefore) * 1000) / count;
  running.stop();
  rmSync(folder, { recursive: true, force: true });
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? 0;
  return { rate: count / seconds, cpuUs, brokerUs, p50: at(0.5), p99: at(0.99) };
}

/** A profile of the gateway, under the same load as above. */
async function whereTimeGoes(): Promise<[name: string, share: number][]> {
  const kafka = await startKafka({ isMeasured: true });
  const env = { BROKERS: kafka.brokers.join(','), DATA: mkdtempSync(join(import.meta.dirname, 'event-accept/.data-')) };
  try {
    return await profiled(groupOf, Number(values.seconds) * 1000, async profiling => {
      const words = [YOUNG_GENERATION, ...profiling, ...quiet, 'event-accept/server.ts'];
      const running = await startServer(words, 1, import.meta.dirname, env);
      let turn = 0;
      const request = () => requests[turn++ % requests.length] ?? Buffer.alloc(0);
      const durationMs = 3000 + Number(values.seconds) * 1000;
      await load({ port: running.port, connections: CONNECTIONS, request, status: 204, varying: true, durationMs });
      return running;
    });
  } finally {
    await kafka.stop();
    rmSync(env.DATA, { recursive: true, force: true });
  }
}

function groupOf(name: string, url: string): string | undefined {
  if (name === '(idle)' || name === '(root)') return undefined;
  if (name === '(garbage collector)') return 'garbage collector';
  if (/^write(Utf8|Latin1)String$|^writev$|^writeBuffer$/.test(name)) return 'writing to sockets (system calls)';
  if (url === '' || name === '(program)') return 'C++ of Node: parser, polling, reading, hashes';
  return GROUPS.find(([of]) => of.test(url))?.[1] ?? 'everything else';
}

async function bare({ brokers }: Broker): Promise<Sample> {
  const pin = canPin ? ['taskset', '-c', '1'] : [];
  const script = join(import.meta.dirname, 'event-accept/bare-appends.ts');
  const [program = '', ...args] = [...pin, process.execPath, ...quiet, script, brokers, String(CONNECTIONS)];
  const printed = execFileSync(program, [...args, values.seconds, String(BYTES)], { encoding: 'utf8' });
  return JSON.parse(printed);
}

const OURS = 'gateway, every promise on';
const BARE = 'kafkajs by hand, no HTTP before it';
const SERVER = 'node:http and kafkajs by hand';
const subjects: ReadonlyArray<readonly [string, (broker: Broker) => Promise<Sample>]> = [
  [OURS, broker => overHttp('server.ts', broker, [YOUNG_GENERATION])],
  [BARE, bare],
  [SERVER, broker => overHttp('kafkajs-server.ts', broker)],
];

const samples = new Map<string, Sample[]>();
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, measure] of subjects) {
    // A broker of its own for each: what the one before wrote is still on its way to the disk.
    const kafka = await startKafka({ isMeasured: true });
    const log = openKafkaEventLog({ world: realWorld, connection: { brokers: kafka.brokers } });
    await log.ensureTopic('default.events', { partitions: 6 });
    await log.close();
    samples.set(name, [
      ...(samples.get(name) ?? []),
      await measure({ brokers: kafka.brokers.join(','), pid: kafka.nodes[0]?.pid ?? 0 }),
    ]);
    await kafka.stop();
  }
}
const rows = await whereTimeGoes();
const of = (name: string, figure: keyof Sample) => median((samples.get(name) ?? []).map(sample => sample[figure] ?? 0));
const share = of(OURS, 'rate') / of(BARE, 'rate');
const later = of(OURS, 'p99') / of(BARE, 'p99');
publish('kafka-accept', 'Gateway to Kafka: accepting events of 1 KB, answered when durable', [
  `${CONNECTIONS} connections, one request in flight on each, 10,000 keys in 6 partitions, \`acks=all\`, idempotent producers, a broker (4.3.1, heap 256 MB) of its own for each run; what is measured is ${canPin ? 'pinned to one core, load and broker have both' : 'not pinned'}. Median of ${values.rounds} interleaved rounds of ${values.seconds} s; CPU is user and system time of the process that is measured. The gateway has the young generation that \`tenfold gateway\` sets (\`${YOUNG_GENERATION}\`), and passes each event through its whole public listener: route, event checked, key, size, metrics. The producer by hand has 256 callers in its own process.`,
  toTable(
    ['', 'events/s', 'CPU µs/event', 'of the broker', 'p50 ms', 'p99 ms'],
    subjects.map(([name]) => [
      name,
      Math.round(of(name, 'rate')).toLocaleString('en'),
      of(name, 'cpuUs').toFixed(1),
      name === BARE ? '' : of(name, 'brokerUs').toFixed(1),
      of(name, 'p50').toFixed(1),
      of(name, 'p99').toFixed(1),
    ]),
  ),
  'Where the CPU of the gateway goes, by a profile of one more run:',
  toTable(
    ['whose code', 'share'],
    rows.map(([name, share]) => [name, `${(100 * share).toFixed(1)}%`]),
  ),
  `Bars: at least 70% of the producer by hand (${share >= 0.7 ? 'met' : 'missed'}: ${Math.round(100 * share)}%), and a p99 of at most twice its (${later <= 2 ? 'met' : 'missed'}: ${later.toFixed(2)} times). ${loadNow()}`,
]);
process.exit(0);
