// The tables of docs/scaling.md.
import { toTable } from '../../measure/report.ts';
import { clusterLoad, limits, prices } from './assumptions.ts';
import type { Cluster, Costs } from './model.ts';
import { origin } from './read-page.ts';

/** The page on which each cost was measured. */
export const inputsOf: readonly {
  readonly name: keyof Costs;
  readonly what: string;
  readonly page: string;
  readonly row: string;
  readonly column: string;
}[] = [
  {
    name: 'request',
    what: 'a request with token, rate limit, log line and metrics',
    page: 'gateway-proxy',
    row: 'tenfold, all four',
    column: 'CPU µs/request',
  },
  {
    name: 'accept',
    what: 'an event of 1 KB accepted, each by a request of its own',
    page: 'kafka-accept',
    row: 'gateway, every promise on',
    column: 'CPU µs/event',
  },
  {
    name: 'dispatch',
    what: 'an event delivered to a function, order by key',
    page: 'kafka-dispatch',
    row: 'dispatcher, every promise on',
    column: 'CPU µs/event',
  },
  {
    name: 'fold',
    what: 'an event folded into a table, both stages',
    page: 'redis-fold',
    row: 'table',
    column: 'µs CPU/event',
  },
  {
    name: 'window',
    what: 'an event counted in a window',
    page: 'kafka-windows',
    row: 'Pipeline, state fenced in Redis',
    column: 'CPU µs/event',
  },
  {
    name: 'brokerAppend',
    what: 'the broker, an event appended',
    page: 'kafka-accept',
    row: 'gateway, every promise on',
    column: 'of the broker',
  },
  {
    name: 'brokerRead',
    what: 'the broker, an event read and its position kept',
    page: 'kafka-dispatch',
    row: 'dispatcher, every promise on',
    column: 'of the broker',
  },
  {
    name: 'redisFold',
    what: 'Redis, an event folded into a table',
    page: 'redis-fold',
    row: 'table',
    column: 'µs CPU/event of Redis',
  },
  {
    name: 'redisWindow',
    what: 'Redis, an event counted in a window',
    page: 'kafka-windows',
    row: 'Pipeline, state fenced in Redis',
    column: 'of Redis',
  },
  {
    name: 'gatewayMb',
    what: 'memory of a gateway, MB',
    page: 'gateway-memory',
    row: 'the same, after 5 s of full load',
    column: 'MB',
  },
  {
    name: 'workerMb',
    what: 'memory of a worker, MB',
    page: 'idle-worker',
    row: 'most memory, MiB',
    column: 'measured',
  },
];

const whole = (number: number) => Math.round(number).toLocaleString('en');
const few = (number: number) => (number < 10 ? number.toFixed(2) : number.toFixed(1));
const dollars = (number: number) => `$${whole(number)}`;

export function costTable(costs: Costs): string {
  const rows = inputsOf.map(({ name, what, page }) => {
    const { date, load: busy } = origin(page);
    const when = busy === undefined ? date : `${date}, load ${busy}`;
    return [what, few(costs[name]), `[${page}](../bench/results/${page}.md)`, when];
  });
  return toTable(['what', 'CPU µs (or MB)', 'measured by', 'when'], rows);
}

export function assumptionTable(): string {
  return toTable(
    ['assumed', 'value'],
    [
      ['events a second, each accepted, delivered, folded and counted once', whole(clusterLoad.eventsPerSecond)],
      ['requests a second besides', whole(clusterLoad.requestsPerSecond)],
      ['an event in the log, bytes', whole(clusterLoad.eventBytes)],
      ['a function takes, ms', whole(clusterLoad.functionSeconds * 1000)],
      ['Kafka keeps events, hours', whole(clusterLoad.retentionHours)],
      ['copies of an event', whole(limits.replicas)],
      ['cores are used to', `${whole(limits.cpu * 100)}%`],
      ['a broker has cores, and GB of memory', `${limits.brokerCores}, ${limits.brokerMemoryGb}`],
      ['a broker’s network and disk each take, MB/s', whole(limits.brokerBytes / 1e6)],
      ['a shard of Redis has GB of memory', whole(limits.shardMemoryGb)],
      ['an hour of a vCPU, of a GB of memory', `$${prices.vcpuHour}, $${prices.gbHour}`],
      ['a month of a GB of disk, a GB between zones', `$${prices.diskGbMonth}, $${prices.transferGb}`],
    ],
  );
}

export function partTable({ parts }: Cluster): string {
  return toTable(
    ['part', 'CPU µs each', 'how many', 'cores', 'memory, GB'],
    parts.map(({ name, us, count, cores, memoryGb }) => [name, few(us), whole(count), whole(cores), whole(memoryGb)]),
  );
}

/** The resource that brokers run out of first. */
export function brokerTable({ brokersBy }: Cluster): string {
  return toTable(
    ['brokers that would do for their', 'how many'],
    Object.entries(brokersBy).map(([name, count]) => [name, whole(Math.ceil(count))]),
  );
}

export function moneyTable({ money }: Cluster): string {
  const all = Object.values(money).reduce((total, one) => total + one, 0);
  const rows = [
    ['cores', money.cpu],
    ['memory', money.memory],
    ['disk of the brokers', money.disk],
    ['transfer between zones', money.transfer],
    ['all', all],
  ] as const;
  return toTable(
    ['', 'a month', 'of all'],
    rows.map(([name, sum]) => [name, dollars(sum), `${whole((100 * sum) / all)}%`]),
  );
}

/** One core of each: which is full first. */
export function saturationTable(costs: Costs): string {
  const rows: (readonly [string, number])[] = [
    ['worker, folding into a table', costs.fold],
    ['gateway, accepting events', costs.accept],
    ['worker, delivering in order', costs.dispatch],
    ['gateway, requests', costs.request],
    ['worker, counting in windows', costs.window],
    ['broker, appending', costs.brokerAppend],
    ['broker, reading', costs.brokerRead],
    ['Redis, folding into a table', costs.redisFold],
    ['Redis, counting in windows', costs.redisWindow],
  ];
  const sorted = rows.toSorted(([, a], [, b]) => b - a);
  return toTable(
    ['one core of', 'a second at most'],
    sorted.map(([name, us]) => [name, whole(1e6 / us)]),
  );
}

export function tenfoldTable(now: Cluster, later: Cluster): string {
  const sum = ({ money }: Cluster) => Object.values(money).reduce((total, one) => total + one, 0);
  const count = (cluster: Cluster, word: string) =>
    cluster.parts.filter(({ name }) => name.startsWith(word)).reduce((total, part) => total + part.count, 0);
  const rows: (readonly [string, (cluster: Cluster) => string])[] = [
    ['gateways', cluster => whole(count(cluster, 'gateways'))],
    ['workers', cluster => whole(count(cluster, 'workers'))],
    ['members of the largest group', ({ parts }) => whole(Math.max(...parts.slice(2, 5).map(part => part.count)))],
    ['partitions of the topic', ({ partitions }) => whole(partitions)],
    ['brokers', cluster => whole(count(cluster, 'brokers'))],
    ['connections of a broker', cluster => whole(cluster.connections / count(cluster, 'brokers'))],
    ['shards of Redis, without replicas', cluster => whole(count(cluster, 'shards') / 2)],
    ['calls of functions in flight', ({ inFlight }) => whole(inFlight)],
    ['written to the log, GB/s, before copies', ({ written }) => few(written / 1e9)],
    ['disk, TB', ({ diskGb }) => whole(diskGb / 1000)],
    ['a month', cluster => dollars(sum(cluster))],
  ];
  return toTable(
    ['', 'now', 'ten times'],
    rows.map(([name, of]) => [name, of(now), of(later)]),
  );
}
