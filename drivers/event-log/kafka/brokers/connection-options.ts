// How a Kafka cluster is reached.

export interface KafkaTls {
  /** PEM of the authorities to trust beside those that Node.js knows. */
  readonly ca?: string | undefined;
  /** PEM of the client's certificate and key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
}

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

export interface KafkaConnection {
  /** `host:port` of some of the brokers; the others are asked of them. */
  readonly brokers: readonly string[];
  /** `true`: trust the authorities that Node.js knows. */
  readonly tls?: KafkaTls | true | undefined;
  readonly sasl?: KafkaSasl | undefined;
  /** The name of this client in the logs and quotas of brokers; `tenfold` when left out. */
  readonly clientId?: string | undefined;
}
