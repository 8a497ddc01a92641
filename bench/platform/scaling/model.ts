// The model: what each part of a cluster costs per event or request, as measured, and so
// how much of it a load needs.
import type { limits as Limits, clusterLoad as Load, prices as Prices } from './assumptions.ts';

type Numbers<T> = { readonly [K in keyof T]: number };

/** Microseconds of CPU, and MiB; all from bench/results/. */
export interface Costs {
  readonly request: number;
  readonly accept: number;
  readonly dispatch: number;
  readonly fold: number;
  readonly window: number;
  /** Costs of the broker: an event appended, and one read by a group, its commits included. */
  readonly brokerAppend: number;
  readonly brokerRead: number;
  /** Of Redis. */
  readonly redisFold: number;
  readonly redisWindow: number;
  readonly gatewayMb: number;
  readonly workerMb: number;
}

export interface Part {
  readonly name: string;
  /** Microseconds of CPU for each of its events or requests. */
  readonly us: number;
  readonly perSecond: number;
  /** Processes of one core, or brokers. */
  readonly count: number;
  readonly cores: number;
  readonly memoryGb: number;
}

export interface Cluster {
  readonly parts: readonly Part[];
  /** How many brokers each of these alone would need. */
  readonly brokersBy: Readonly<Record<'cores' | 'network' | 'disk', number>>;
  readonly partitions: number;
  readonly inFlight: number;
  /** Bytes a second. */
  readonly written: number;
  readonly read: number;
  readonly diskGb: number;
  readonly connections: number;
  /** US dollars a month. */
  readonly money: { readonly cpu: number; readonly memory: number; readonly disk: number; readonly transfer: number };
}

export interface Inputs {
  readonly costs: Costs;
  readonly load: Numbers<typeof Load>;
  readonly limits: Numbers<typeof Limits>;
  readonly prices: Numbers<typeof Prices>;
}

/**
 * Groups that read each event of the topic: a subscription, the first stage of a view and a
 * pipeline. The internal topic of the view is read once more.
 */
const READS = 4;
/** Records in the log for an event: itself, and its place in the view's internal topic. */
const APPENDS = 2;
const SECOND_US = 1e6;
const GB = 1e9;

export function plan({ costs, load, limits, prices }: Inputs): Cluster {
  const perCore = (us: number) => (limits.cpu * SECOND_US) / us;
  const processes = (name: string, us: number, perSecond: number, mb: number): Part => {
    const count = Math.max(2, Math.ceil(perSecond / perCore(us)));
    return { name, us, perSecond, count, cores: count, memoryGb: (count * mb * limits.memoryHeadroom) / 1024 };
  };
  const { eventsPerSecond: events, requestsPerSecond: requests } = load;
  const written = events * APPENDS * load.eventBytes;
  const read = events * READS * load.eventBytes;
  // Followers fetch and append what the leader does: each copy is taken to
  // cost as much as an append.
  const brokerUs = APPENDS * limits.replicas * costs.brokerAppend + READS * costs.brokerRead;
  const byCpu = (events * brokerUs) / (limits.cpu * SECOND_US * limits.brokerCores);
  const byNetwork = (written * (limits.replicas - 1) + read) / limits.brokerBytes;
  const byDisk = (written * limits.replicas) / limits.brokerBytes;
  const brokersBy = { cores: byCpu, network: byNetwork, disk: byDisk };
  const brokers = Math.max(3, Math.ceil(Math.max(...Object.values(brokersBy))));
  const redisUs = costs.redisFold + costs.redisWindow;
  const shards = Math.max(3, Math.ceil(events / perCore(redisUs)));
  const parts: Part[] = [
    processes('gateways: requests', costs.request, requests, costs.gatewayMb),
    processes('gateways: events accepted', costs.accept, events, costs.gatewayMb),
    processes('workers: events delivered in order', costs.dispatch, events, costs.workerMb),
    processes('workers: events folded into a table', costs.fold, events, costs.workerMb),
    processes('workers: events counted in windows', costs.window, events, costs.workerMb),
    {
      name: 'brokers of Kafka',
      us: brokerUs,
      perSecond: events,
      count: brokers,
      cores: brokers * limits.brokerCores,
      memoryGb: brokers * limits.brokerMemoryGb,
    },
    {
      name: 'shards of Redis, and a replica of each',
      us: redisUs,
      perSecond: events,
      count: 2 * shards,
      cores: 2 * shards,
      memoryGb: 2 * shards * limits.shardMemoryGb,
    },
  ];
  const members = Math.max(...parts.slice(2, 5).map(({ count }) => count));
  const sum = (of: (part: Part) => number) => parts.reduce((total, part) => total + of(part), 0);
  const ours = parts.slice(0, 5).reduce((total, { count }) => total + count, 0);
  const diskGb = (written * limits.replicas * load.retentionHours * 3600) / GB;
  // A copy in each of three zones; who writes or reads is in another one than the
  // leader two times of three.
  const moved = written * (limits.replicas - 1) + ((written + read) * 2) / 3;
  const { hoursPerMonth } = prices;
  return {
    parts,
    brokersBy,
    partitions: Math.ceil((members * limits.partitionsPerMember) / brokers) * brokers,
    inFlight: events * load.functionSeconds,
    written,
    read,
    diskGb,
    // Two shared lines and three of the fetcher from each process to each broker.
    connections: ours * brokers * 5,
    money: {
      cpu: sum(({ cores }) => cores) * prices.vcpuHour * hoursPerMonth,
      memory: sum(({ memoryGb }) => memoryGb) * prices.gbHour * hoursPerMonth,
      disk: diskGb * prices.diskGbMonth,
      transfer: (moved / GB) * 3600 * hoursPerMonth * prices.transferGb,
    },
  };
}
