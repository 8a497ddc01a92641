// Errors of a broker or of the connection to it, and the errors of the log that they become.
import { type Code, TenfoldError } from '../../../core/errors.ts';

/** Error codes of Kafka's protocol that the driver depends on. */
export const FAULT = {
  offsetOutOfRange: 1,
  unknownTopic: 3,
  messageTooLarge: 10,
  notEnoughReplicas: 19,
  invalidTopic: 17,
  recordListTooLarge: 18,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  illegalGeneration: 22,
  unknownMember: 25,
  rebalanceInProgress: 27,
  topicExists: 36,
  invalidPartitions: 37,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  unknownProducer: 59,
  memberIdRequired: 79,
  /** Ours: the connection could not be made, or was lost. */
  connection: -1000,
  /** Ours: the server is none that can be used. */
  unfit: -1001,
} as const;

/**
 * Text, and the port's code where it is not `log-unavailable`; `again`: trying again may help,
 * mostly with fresh metadata.
 */
const MEANINGS: Readonly<Record<number, { readonly says: string; readonly code?: Code; readonly again?: true }>> = {
  [-1]: { says: 'the broker met an error of its own', again: true },
  1: { says: 'the offset is outside of what the partition holds' },
  2: { says: 'the records arrived damaged', again: true },
  3: { says: 'there is no such topic or partition', code: 'not-found', again: true },
  5: { says: 'the partition has no leader at the moment', again: true },
  6: { says: 'another broker leads the partition by now', again: true },
  7: { says: 'the replicas did not answer in time', again: true },
  8: { says: 'the broker is not available', again: true },
  9: { says: 'the replica is not available', again: true },
  10: { says: 'the record is larger than the topic takes (max.message.bytes)', code: 'body-too-large' },
  12: { says: 'the metadata is larger than the brokers keep', code: 'body-too-large' },
  13: { says: 'the broker lost its connection', again: true },
  14: { says: 'the coordinator is loading its groups', again: true },
  15: { says: 'the group has no coordinator at the moment', again: true },
  16: { says: 'another broker coordinates the group by now', again: true },
  17: { says: 'the name of the topic is not valid', code: 'invalid-input' },
  18: { says: 'the records are larger than the segments of the topic (segment.bytes)', code: 'body-too-large' },
  19: { says: 'fewer replicas are in sync than must be (min.insync.replicas)', again: true },
  20: { says: 'fewer replicas than must be got it (min.insync.replicas)', again: true },
  22: { says: 'the group has changed' },
  23: { says: 'members of the group are programs of another kind: end them, or give the group another name' },
  25: { says: 'the group does not know this member' },
  26: {
    says: 'the brokers allow no such session timeout (group.min.session.timeout.ms, group.max.session.timeout.ms)',
  },
  27: { says: 'the group is being divided anew', again: true },
  29: { says: 'the user may not do this with the topic' },
  30: { says: 'the user may not do this with the group' },
  31: { says: 'the user may not do this with the cluster' },
  35: { says: 'the broker does not know this version of the protocol' },
  36: { says: 'the topic exists already', again: true },
  37: { says: 'the number of partitions is not valid', code: 'conflict' },
  38: { says: 'there are fewer brokers than replicas are asked for', again: true },
  40: { says: 'a setting of the topic is not valid', code: 'invalid-input' },
  41: { says: 'another broker is the controller by now', again: true },
  44: { says: 'a policy of the cluster forbids it', code: 'invalid-input' },
  45: { says: 'the sequence of a producer has a gap' },
  46: { says: 'the records were there already' },
  47: { says: 'the producer is an earlier one' },
  56: { says: 'the disk of the broker failed', again: true },
  58: { says: 'user name or password are wrong' },
  59: { says: 'the broker has forgotten the producer' },
  60: { says: 'the partitions of the topic are being moved', again: true },
  73: { says: 'the brokers delete no topics (delete.topic.enable)' },
  74: { says: 'another broker leads the partition by now', again: true },
  75: { says: 'the broker does not lead the partition yet', again: true },
  76: { says: 'the codec is not supported by the broker' },
  81: { says: 'the group has as many members as the brokers allow (group.max.size)' },
  87: {
    says: 'the topic does not take such a record, as a compacted one takes none without a key',
    code: 'invalid-input',
  },
  89: { says: 'a quota is exceeded', again: true },
  100: { says: 'there is no such topic', again: true },
  103: { says: 'the topic was made anew', again: true },
  [FAULT.connection]: { says: '', again: true },
  [FAULT.unfit]: { says: '' },
};

export class KafkaFault extends Error {
  override readonly name = 'KafkaFault';
  readonly fault: number;

  constructor(fault: number, detail = '', options?: ErrorOptions) {
    const says = MEANINGS[fault]?.says ?? `the broker answered with error ${fault}`;
    super([says, detail].filter(Boolean).join(': '), options);
    this.fault = fault;
  }

  get mayPass(): boolean {
    return MEANINGS[this.fault]?.again === true;
  }
}

export function faultOf(error: unknown): number | undefined {
  return error instanceof KafkaFault ? error.fault : undefined;
}

export function assertNone(fault: number, detail = ''): void {
  if (fault !== 0) throw new KafkaFault(fault, detail);
}

/** `what` was attempted, as a sentence begins: "Topic orders could not be created". */
export function toLogError(error: unknown, what: string): TenfoldError {
  if (error instanceof TenfoldError) return error;
  const code = error instanceof KafkaFault ? (MEANINGS[error.fault]?.code ?? 'log-unavailable') : 'log-unavailable';
  const text = error instanceof Error ? error.message : String(error);
  return new TenfoldError(code, `${what}: ${text}.`, { cause: error });
}
