// Positions of groups: read from their coordinator, and committed to it.
import { TenfoldError } from '../../../../core/errors.ts';
import { epochOf, OFFSETS_PER_EPOCH } from '../../epochs.ts';
import { MAX_METADATA, type Position } from '../../event-log.ts';
import type { Cluster } from '../brokers/cluster.ts';
import { assertNone, FAULT, KafkaFault } from '../kafka-error.ts';
import { commitPositions, fetchPositions } from '../wire/groups.ts';

/**
 * As the coordinator knows the one who commits; nobody is for positions that are set from outside.
 */
export interface Committer {
  readonly memberId: string;
  readonly generation: number;
}

const NOBODY: Committer = { memberId: '', generation: -1 };
const STALE = new Set<number>([FAULT.coordinatorLoading, FAULT.coordinatorNotAvailable, FAULT.notCoordinator]);
const HAS_MEMBERS = new Set<number>([FAULT.unknownMember, FAULT.illegalGeneration, FAULT.rebalanceInProgress]);

export class Positions {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  read(group: string, topic: string, partitions: readonly number[]): Promise<(Position | undefined)[]> {
    return this.#cluster.attempt(`Positions of group ${group} could not be read`, async () => {
      const request = fetchPositions(group, topic, partitions);
      const { errorCode, responses } = await this.#ask(group, broker => broker.ask(request));
      this.#check(group, errorCode);
      const found = new Map(responses[0]?.partitions.map(each => [each.partition, each]));
      return partitions.map(partition => {
        const each = found.get(partition);
        if (!each || each.errorCode === FAULT.unknownTopic) return undefined;
        this.#check(group, each.errorCode);
        const offset = Number(each.offset);
        return offset < 0 ? undefined : fromKafka({ offset, metadata: each.metadata ?? '' });
      });
    });
  }

  /** `conflict` when the group has members. */
  async set(group: string, topic: string, positions: ReadonlyMap<number, Position>): Promise<void> {
    for (const { metadata } of positions.values()) assertMetadata(metadata);
    if (positions.size === 0) return;
    await this.#cluster.attempt(`Positions of group ${group} could not be set`, async () => {
      try {
        await this.commit(group, topic, positions, NOBODY);
      } catch (error) {
        if (error instanceof KafkaFault && HAS_MEMBERS.has(error.fault))
          throw new TenfoldError(
            'conflict',
            `Group ${group} has members; its positions can be set when they are gone.`,
          );
        throw error;
      }
    });
  }

  /** Once; rejects with the fault. */
  async commit(
    group: string,
    topic: string,
    positions: ReadonlyMap<number, Position>,
    { memberId, generation }: Committer,
  ): Promise<void> {
    const kept = new Map([...positions].map(([partition, position]) => [partition, toKafka(position)]));
    const request = commitPositions({ groupId: group, memberId, groupGenerationId: generation }, topic, kept);
    const { responses } = await this.#ask(group, broker => broker.ask(request));
    for (const { errorCode } of responses.flatMap(({ partitions }) => partitions)) this.#check(group, errorCode);
  }

  async #ask<T>(
    group: string,
    question: (broker: Awaited<ReturnType<Cluster['coordinatorOf']>>) => Promise<T>,
  ): Promise<T> {
    const broker = await this.#cluster.coordinatorOf(group);
    try {
      return await question(broker);
    } catch (error) {
      this.#cluster.forgetCoordinator(group);
      throw error;
    }
  }

  #check(group: string, error: number): void {
    if (STALE.has(error)) this.#cluster.forgetCoordinator(group);
    assertNone(error);
  }
}

/**
 * Kafka keeps positions of whatever topic has the name: ones of a topic that was made again say so,
 * `@1` of the first that was. So other tools show them as they are, and one that was meant for the
 * topic before is not taken for one of this.
 */
function toKafka({ offset, metadata }: Position): Position {
  const epoch = epochOf(offset);
  return epoch === 0
    ? { offset, metadata }
    : { offset: offset - epoch * OFFSETS_PER_EPOCH, metadata: `@${epoch} ${metadata}` };
}

function fromKafka({ offset, metadata }: Position): Position {
  const [mark, epoch] = /^@(\d{1,4}) /.exec(metadata) ?? [];
  return mark === undefined
    ? { offset, metadata }
    : { offset: Number(epoch) * OFFSETS_PER_EPOCH + offset, metadata: metadata.slice(mark.length) };
}

export function assertMetadata(metadata: string): void {
  const size = Buffer.byteLength(metadata);
  if (size > MAX_METADATA)
    throw new TenfoldError('body-too-large', `Metadata of a position has ${size} bytes; ${MAX_METADATA} can be kept.`);
}
