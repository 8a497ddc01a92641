// Requests about consumer groups and their positions, and what members
// tell each other through them.
import { requests } from 'kafkajs/src/protocol/requests/index.js';
import type { Position } from '../../event-log.ts';
import { WireReader, WireWriter } from './bytes.ts';
import { kafkajsRequest } from './request.ts';

export const findCoordinator = (groupId: string) => kafkajsRequest(requests.GroupCoordinator, 2, { groupId });

export interface JoinGroup {
  readonly groupId: string;
  readonly memberId: string;
  readonly sessionTimeout: number;
  readonly rebalanceTimeout: number;
  readonly metadata: Buffer;
}

/** Other tools see a group of consumers, who read topics, as they know it. */
const PROTOCOL_TYPE = 'consumer';
const PROTOCOL = 'tenfold-1';

export const joinGroup = ({ metadata, ...rest }: JoinGroup) =>
  kafkajsRequest(requests.JoinGroup, 5, {
    ...rest,
    protocolType: PROTOCOL_TYPE,
    groupProtocols: [{ name: PROTOCOL, metadata }],
  });

export const syncGroup = (
  groupId: string,
  memberId: string,
  generationId: number,
  assignments: ReadonlyMap<string, Buffer>,
) =>
  kafkajsRequest(requests.SyncGroup, 3, {
    groupId,
    memberId,
    generationId,
    groupAssignment: [...assignments].map(([member, memberAssignment]) => ({ memberId: member, memberAssignment })),
  });

export const heartbeat = (groupId: string, memberId: string, groupGenerationId: number) =>
  kafkajsRequest(requests.Heartbeat, 3, { groupId, memberId, groupGenerationId });

export const leaveGroup = (groupId: string, memberId: string) =>
  kafkajsRequest(requests.LeaveGroup, 3, { groupId, memberId });

export const fetchPositions = (groupId: string, topic: string, partitions: readonly number[]) =>
  kafkajsRequest(requests.OffsetFetch, 4, {
    groupId,
    topics: [{ topic, partitions: partitions.map(partition => ({ partition })) }],
  });

/**
 * Kept as long as the topic is there: brokers forget positions of groups that had no members for a
 * week unless they are told so.
 */
const RETENTION_MS = 100 * 365 * 24 * 3_600_000;

export const commitPositions = (
  member: { readonly groupId: string; readonly memberId: string; readonly groupGenerationId: number },
  topic: string,
  positions: ReadonlyMap<number, Position>,
) =>
  kafkajsRequest(requests.OffsetCommit, 4, {
    ...member,
    retentionTime: RETENTION_MS,
    topics: [{ topic, partitions: [...positions].map(([partition, position]) => ({ partition, ...position })) }],
  });

/** The subscription that a member sends to the leader that divides the partitions. */
export interface MemberClaim {
  readonly topics: readonly string[];
  readonly owned: readonly number[];
  /** In which it was given them. */
  readonly generation: number;
}

const VERSION = 0;

export function packClaim({ topics, owned, generation }: MemberClaim): Buffer {
  const data = new WireWriter();
  data.i32(generation).array(owned, partition => data.i32(partition));
  const out = new WireWriter().i16(VERSION);
  out.array(topics, topic => out.string(topic));
  return out.sized(data.bytes).bytes;
}

export function unpackClaim(bytes: Buffer): MemberClaim {
  const reader = new WireReader(bytes);
  reader.i16();
  const topics = reader.array(() => reader.string() ?? '');
  reader.i32();
  const generation = reader.i32();
  return { topics, generation, owned: reader.array(() => reader.i32()) };
}

/** `count`: how many partitions there were to divide. */
export interface MemberAssignment {
  readonly partitions: readonly number[];
  readonly count: number;
}

/** As other clients write it, so that their tools show who has what. */
export function packAssignment(topics: readonly string[], { partitions, count }: MemberAssignment): Buffer {
  const out = new WireWriter().i16(VERSION);
  out.array(topics, topic => out.string(topic).array(partitions, partition => out.i32(partition)));
  return out.sized(new WireWriter().i32(count).bytes).bytes;
}

export function unpackAssignment(bytes: Buffer): MemberAssignment {
  if (bytes.length === 0) return { partitions: [], count: 0 };
  const reader = new WireReader(bytes);
  reader.i16();
  const lists = reader.array(() => {
    reader.string();
    return reader.array(() => reader.i32());
  });
  reader.i32();
  return { partitions: lists[0] ?? [], count: reader.i32() };
}
