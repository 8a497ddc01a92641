// The parts of kafkajs that the driver uses: its codecs of the protocol's requests. Pinned exactly,
// since the folder is not part of its public API.
declare module 'kafkajs/src/protocol/requests/index.js' {
  interface Exchange<Answer> {
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      encode(): Promise<{ readonly buffer: Buffer }>;
    };
    readonly response: { decode(payload: Buffer): Promise<Answer> };
  }
  interface Definition<Arguments, Answer> {
    protocol(options: { readonly version: number }): (args: Arguments) => Exchange<Answer>;
  }
  interface Coded {
    readonly errorCode: number;
  }
  interface TopicErrors {
    readonly topicErrors: readonly (Coded & { readonly topic: string; readonly errorMessage?: string | null })[];
  }
  interface OfPartitions<Partition> {
    readonly topic: string;
    readonly partitions: readonly Partition[];
  }
  interface Membership {
    readonly groupId: string;
    readonly memberId: string;
  }
  interface ConfigEntry {
    readonly name: string;
    readonly value: string;
  }

  export const requests: {
    readonly GroupCoordinator: Definition<
      { readonly groupId: string },
      Coded & { readonly coordinator: { readonly nodeId: number; readonly host: string; readonly port: number } }
    >;
    readonly JoinGroup: Definition<
      Membership & {
        readonly sessionTimeout: number;
        readonly rebalanceTimeout: number;
        readonly protocolType: string;
        readonly groupProtocols: readonly { readonly name: string; readonly metadata: Buffer }[];
      },
      Coded & {
        readonly generationId: number;
        readonly leaderId: string;
        readonly memberId: string;
        readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
      }
    >;
    readonly SyncGroup: Definition<
      Membership & {
        readonly generationId: number;
        readonly groupAssignment: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[];
      },
      Coded & { readonly memberAssignment: Buffer | null }
    >;
    readonly Heartbeat: Definition<Membership & { readonly groupGenerationId: number }, Coded>;
    readonly LeaveGroup: Definition<Membership, Coded>;
    readonly OffsetFetch: Definition<
      { readonly groupId: string; readonly topics: readonly OfPartitions<{ readonly partition: number }>[] },
      Coded & {
        readonly responses: readonly OfPartitions<
          Coded & { readonly partition: number; readonly offset: string; readonly metadata: string | null }
        >[];
      }
    >;
    readonly OffsetCommit: Definition<
      Membership & {
        readonly groupGenerationId: number;
        readonly retentionTime: number;
        readonly topics: readonly OfPartitions<{
          readonly partition: number;
          readonly offset: number;
          readonly metadata: string;
        }>[];
      },
      { readonly responses: readonly OfPartitions<Coded & { readonly partition: number }>[] }
    >;
    readonly ListOffsets: Definition<
      { readonly topics: readonly OfPartitions<{ readonly partition: number; readonly timestamp: number }>[] },
      { readonly responses: readonly OfPartitions<Coded & { readonly partition: number; readonly offset: string }>[] }
    >;
    readonly CreateTopics: Definition<
      {
        readonly timeout: number;
        readonly validateOnly: boolean;
        readonly topics: readonly {
          readonly topic: string;
          readonly numPartitions: number;
          readonly replicationFactor: number;
          readonly configEntries: readonly ConfigEntry[];
        }[];
      },
      TopicErrors
    >;
    readonly CreatePartitions: Definition<
      {
        readonly timeout: number;
        readonly validateOnly: boolean;
        readonly topicPartitions: readonly { readonly topic: string; readonly count: number }[];
      },
      TopicErrors
    >;
    readonly DeleteTopics: Definition<{ readonly timeout: number; readonly topics: readonly string[] }, TopicErrors>;
    readonly DeleteRecords: Definition<
      {
        readonly timeout: number;
        readonly topics: readonly OfPartitions<{ readonly partition: number; readonly offset: number }>[];
      },
      { readonly topics: readonly OfPartitions<Coded & { readonly partition: number }>[] }
    >;
    readonly DescribeConfigs: Definition<
      {
        readonly includeSynonyms: boolean;
        readonly resources: readonly {
          readonly type: number;
          readonly name: string;
          readonly configNames: readonly string[];
        }[];
      },
      {
        readonly resources: readonly (Coded & {
          readonly resourceName: string;
          readonly configEntries: readonly { readonly configName: string; readonly configValue: string | null }[];
        })[];
      }
    >;
    readonly InitProducerId: Definition<
      { readonly transactionalId: string | null; readonly transactionTimeout: number },
      Coded & { readonly producerId: string; readonly producerEpoch: number }
    >;
  };
}
