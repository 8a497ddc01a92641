// The configuration of a Kafka cluster.
import * as z from 'zod';
import { type ConfigReader, secret } from './fields.ts';
import { tls } from './tls.ts';

export function kafka(reader: ConfigReader) {
  const wrong = 'This must be the host and port of a broker, such as kafka-1:9092.';
  const broker = z
    .string(wrong)
    .max(512, wrong)
    .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s/:@]+):[0-9]{1,5}$/, wrong);
  return z.strictObject({
    brokers: z.array(broker).min(1).max(64).describe('Some of the brokers; the others are asked of them.'),
    tls: tls(reader).optional().describe('Turns TLS on, and names the authorities to trust.'),
    sasl: z
      .strictObject({
        mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).describe('How the user authenticates.'),
        username: z.string().min(1).describe('User of the brokers.'),
        password: secret(reader).describe('Its password.'),
      })
      .optional()
      .describe('Credentials for the brokers. Without them the client does not authenticate.'),
    clientId: z
      .string()
      .min(1)
      .max(128)
      .prefault('tenfold')
      .describe('Name of this client in the logs and quotas of the brokers.'),
    topicPrefix: z
      .string()
      .max(100)
      .regex(/^[A-Za-z0-9._-]*$/, 'A prefix has letters, digits, ".", "_" and "-", as names of Kafka topics have.')
      .prefault('')
      .describe(
        'Prefix of the names of our topics and groups in Kafka, such as "shop.", so that installations can share a cluster. Names of topics that a Topic gives (`kafka.topic`) or that are others\' stay as they are, and must not begin with it where that leads to another namespace. With another prefix all that was kept is not found any more.',
      ),
    replicationFactor: z
      .int()
      .min(1)
      .max(9)
      .optional()
      .describe("Copies of the topics that are made. Without it the brokers' default."),
    minInsyncReplicas: z
      .int()
      .min(1)
      .max(9)
      .optional()
      .describe(
        "Copies that must hold an event before it counts as durable, for topics that are made. Without it the brokers' default.",
      ),
    eventIndex: z
      .boolean()
      .optional()
      .describe(
        'Whether workers index the events of Topics and Queues in Elasticsearch, so that they are found by id, key and trace without reading all of them. Each of these topics has one more consumer group then. Without it yes, where `search.elasticsearch` is configured.',
      ),
    compression: z.enum(['none', 'gzip', 'zstd']).prefault('none').describe('How batches of events are compressed.'),
  });
}
