// Whether a broker speaks the versions of the protocol that are spoken here:
// those of Kafka 2.8 and later.

import { FAULT, KafkaFault } from '../kafka-error.ts';
import { WireReader } from '../wire/bytes.ts';
import type { KafkaRequest } from '../wire/request.ts';
import type { BrokerConnection } from './broker-connection.ts';

interface VersionRange {
  readonly key: number;
  readonly min: number;
  readonly max: number;
}

const API_VERSIONS: KafkaRequest<{ error: number; ranges: readonly VersionRange[] }> = {
  apiKey: 18,
  apiVersion: 0,
  flexible: false,
  encode: () => Buffer.alloc(0),
  decode(payload) {
    const reader = new WireReader(payload);
    const error = reader.i16();
    return { error, ranges: reader.array(() => ({ key: reader.i16(), min: reader.i16(), max: reader.i16() })) };
  },
};

/** Name and version of each request that is used. */
const USED: Readonly<Record<number, readonly [name: string, version: number]>> = {
  0: ['Produce', 7],
  1: ['Fetch', 11],
  2: ['ListOffsets', 3],
  3: ['Metadata', 12],
  8: ['OffsetCommit', 4],
  9: ['OffsetFetch', 4],
  10: ['FindCoordinator', 2],
  11: ['JoinGroup', 5],
  12: ['Heartbeat', 3],
  13: ['LeaveGroup', 3],
  14: ['SyncGroup', 3],
  19: ['CreateTopics', 3],
  20: ['DeleteTopics', 1],
  21: ['DeleteRecords', 1],
  22: ['InitProducerId', 1],
  32: ['DescribeConfigs', 1],
  37: ['CreatePartitions', 1],
  44: ['IncrementalAlterConfigs', 0],
};

export async function checkVersions(connection: BrokerConnection, at: string, timeoutMs: number): Promise<void> {
  const { error, ranges } = await connection.send(API_VERSIONS, timeoutMs);
  if (error !== 0) throw new KafkaFault(error, at);
  const known = new Map(ranges.map(range => [range.key, range]));
  const missing = Object.entries(USED)
    .filter(([key, [, version]]) => {
      const range = known.get(Number(key));
      return !range || version < range.min || version > range.max;
    })
    .map(([, [name, version]]) => `${name} ${version}`);
  if (missing.length > 0)
    throw new KafkaFault(
      FAULT.unfit,
      `${at} does not speak ${missing.join(', ')}; Kafka 2.8 or later is needed, and this release was tried with 4.3`,
    );
}
