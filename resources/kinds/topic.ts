// Topic: a named, partitioned, durable stream of events (pattern 2).
import * as z from 'zod';
import { partitions, withGrowingPartitions } from './consumers/partitions.ts';
import { schedules } from './consumers/schedules.ts';
import { topicSource } from './consumers/topic-source.ts';
import { expression } from './fields/expression.ts';
import { jsonSchema } from './fields/json.ts';
import { externalReference } from './fields/names.ts';
import { withRule } from './fields/rules.ts';
import { duration, rate, size } from './fields/units.ts';
import { httpUrl } from './fields/url.ts';

const KAFKA_WRONG = 'A Kafka topic name has letters, digits, ".", "_" and "-", and at most 249 characters.';

export const topicSpec = withGrowingPartitions(
  z.strictObject({
    partitions: partitions().describe(
      'Number of partitions; it can grow later, not shrink. Consumers run keys in parallel beyond it, so it only bounds the number of processes that share the work.',
    ),
    retention: duration({ min: '1m', max: '3650d' }).prefault('7d').describe('How long events are kept.'),
    retentionSize: size()
      .optional()
      .describe('Bytes kept per partition; the oldest events beyond them go. Without it only time decides.'),
    key: expression('event', 'string')
      .optional()
      .describe(
        'Key of an event: events of one key are delivered in order. Without it the partitionkey attribute, else the subject, else no key.',
      ),
    schema: jsonSchema()
      .optional()
      .describe(
        'Schema that the data of every event must match; other events are refused with 400 before they are accepted. Values with x-sensitive: true are masked wherever people look at events. The catalogue of Topics shows its examples as samples; tenfold validate warns of one that does not match.',
      ),
    compatibility: z
      .enum(['none', 'backward', 'forward', 'full'])
      .prefault('backward')
      .describe(
        'Which changes of schema `tenfold apply` and `tenfold validate --against` refuse. backward: those by which readers with the new schema could not read events from before; forward: those by which readers with the old one could not read new events; full: both; none: no change.',
      ),
    maxSize: size().prefault('1Mi').describe('Largest event, in bytes.'),
    claimCheck: z
      .strictObject({ max: size().prefault('64Mi').describe('Largest data that is taken in this way, in bytes.') })
      .optional()
      .describe(
        'Takes data beyond maxSize: it is kept in the blob store and the event carries its address (dataref). Without it such events are refused with 413.',
      ),
    rate: rate()
      .optional()
      .describe(
        'Events accepted per period over all processes; more are refused with 429. Without it there is no limit.',
      ),
    deduplicate: z
      .strictObject({
        window: duration({ min: '1s', max: '30d' })
          .prefault('10m')
          .describe('An event that is published again so long after the first time is not taken again.'),
      })
      .optional()
      .describe(
        'Takes an event once: one with the same source, id and content as one before it gets the same answer and is not appended again. Without it each is appended.',
      ),
    schedules: schedules(),
    source: topicSource(),
    external: z
      .boolean()
      .prefault(false)
      .describe(
        'true: the topic belongs to somebody else; it is used as it is, neither created nor changed nor deleted.',
      ),
    deletionPolicy: z
      .enum(['Retain', 'Delete'])
      .prefault('Retain')
      .describe('Whether the events stay when this resource is deleted.'),
    encoding: withRule(
      z.strictObject({
        format: z
          .enum(['json', 'avro', 'protobuf'])
          .prefault('json')
          .describe(
            'How the data is written. avro and protobuf need a schema registry; json with one is checked against its schema there and has its number in front.',
          ),
        registry: z
          .strictObject({
            url: httpUrl().describe('Address of a registry that speaks the protocol of Confluent.'),
            credentials: externalReference('Secret').optional().describe('Secret with the keys username and password.'),
            subject: z
              .string()
              .min(1)
              .max(255)
              .optional()
              .describe('Name of the schema there. Without it the name of the Kafka topic and "-value".'),
          })
          .optional()
          .describe('Location of the schema of the data.'),
      }),
      {
        message: 'avro and protobuf need a schema registry.',
        cel: "!has(self.format) || self.format == 'json' || has(self.registry)",
        holds: encoding => encoding.format === 'json' || encoding.registry !== undefined,
        at: 'registry',
      },
    )
      .optional()
      .describe('For topics shared with programs that do not write JSON.'),
    kafka: z
      .strictObject({
        topic: z
          .string(KAFKA_WRONG)
          .min(1, KAFKA_WRONG)
          .max(249, KAFKA_WRONG)
          .regex(/^[A-Za-z0-9._-]+$/, KAFKA_WRONG)
          .optional()
          .describe('Name of the Kafka topic. Without it made from namespace and name.'),
        contentMode: z
          .enum(['binary', 'structured'])
          .prefault('binary')
          .describe(
            'How events are written: binary has the attributes in headers and the data as the value, structured has all of it as JSON in the value. Both are read.',
          ),
        replicas: z
          .int()
          .min(1)
          .max(9)
          .optional()
          .describe('Copies of each partition. Without it what the brokers are set to.'),
        minInsyncReplicas: z
          .int()
          .min(1)
          .max(9)
          .optional()
          .describe(
            'Copies that must hold an event before it counts as durable. Without it what the brokers are set to.',
          ),
      })
      .optional()
      .describe('Settings that only Kafka has; the embedded log warns that they have no effect.'),
  }),
);
