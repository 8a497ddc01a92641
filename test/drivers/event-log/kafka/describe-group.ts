// Who the members of a group are, as its coordinator has it.
import { realWorld } from '../../../../core/world.ts';
import { Cluster } from '../../../../drivers/event-log/kafka/brokers/cluster.ts';
import { KafkaFault } from '../../../../drivers/event-log/kafka/kafka-error.ts';
import { WireReader, WireWriter } from '../../../../drivers/event-log/kafka/wire/bytes.ts';
import type { KafkaRequest } from '../../../../drivers/event-log/kafka/wire/request.ts';

export interface GroupDescription {
  /** `Stable`: all know what they have. */
  readonly state: string;
  /** Ids; one that is taken up again after it was given up has another. */
  readonly members: readonly string[];
}

/** DescribeGroups, version 1. */
const describe = (group: string): KafkaRequest<GroupDescription> => ({
  apiKey: 15,
  apiVersion: 1,
  flexible: false,
  encode: () => new WireWriter().i32(1).string(group).bytes,
  decode(payload) {
    const reader = new WireReader(payload);
    // How long it is throttled, then of one group: error, id, state, kinds of protocol.
    reader.i32();
    reader.i32();
    const errorCode = reader.i16();
    if (errorCode !== 0) throw new KafkaFault(errorCode);
    reader.string();
    const state = reader.string() ?? '';
    reader.string();
    reader.string();
    const members = reader.array(() => {
      const id = reader.string() ?? '';
      // Its client, where that is, what it said and what it has.
      reader.string();
      reader.string();
      reader.bytes(reader.i32());
      reader.bytes(reader.i32());
      return id;
    });
    return { state, members };
  },
});

/** Rejects while the group has no coordinator that can be asked. */
export async function describeGroup(brokers: readonly string[], group: string): Promise<GroupDescription> {
  const cluster = new Cluster({ world: realWorld, connection: { brokers }, requestTimeoutMs: 120_000, log: () => {} });
  try {
    return await cluster.attempt('asking', async () => (await cluster.coordinatorOf(group)).ask(describe(group)));
  } finally {
    cluster.close();
  }
}
