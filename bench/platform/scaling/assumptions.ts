// Assumptions of the model that are not measured here: the load, how full things may be, and
// prices. Change them to those of your cloud.

export const clusterLoad = {
  eventsPerSecond: 1_000_000,
  requestsPerSecond: 100_000,
  /** The size of an event with its headers, in the log. */
  eventBytes: 1_200,
  /**
   * How long a function takes, seconds. It sets how many calls are in
   * flight, not what they cost here.
   */
  functionSeconds: 0.02,
  /** How long Kafka keeps events, hours. */
  retentionHours: 6,
} as const;

export const limits = {
  /**
   * The share of a core, on average: the rest is for peaks, for a process
   * that died, and for a rollout.
   */
  cpu: 0.6,
  /** Copies of each event. */
  replicas: 3,
  /** Cores of a broker. */
  brokerCores: 8,
  /** Bytes a second that a broker's network and disk may each take: half of 10 Gbit/s. */
  brokerBytes: 625_000_000,
  /**
   * Partitions of a topic for each member of its largest group, so that shares stay even
   * while members come and go.
   */
  partitionsPerMember: 2,
  /** Memory that a process is given, of the most that was measured. */
  memoryHeadroom: 1.5,
  /** Memory of a broker and of a shard, GB. */
  brokerMemoryGb: 32,
  shardMemoryGb: 8,
} as const;

/** US dollars. */
export const prices = {
  vcpuHour: 0.04,
  gbHour: 0.005,
  diskGbMonth: 0.08,
  /** Between zones, both directions together. */
  transferGb: 0.02,
  hoursPerMonth: 730,
} as const;
