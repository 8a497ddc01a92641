// Delivers events by making each a job of a Queue. A repeat makes the same job again, which its
// workers recognise by its nonce.
import { asSent } from '../../core/cloudevents/as-sent.ts';
import { compileEventValidator } from '../../core/cloudevents/event-validator.ts';
import { dataBytesOf, exactFromRecord } from '../../core/cloudevents/record.ts';
import { JOB_HEADER, ONCE_HEADER } from '../../core/jobs/job-id.ts';
import { createSchemaCompiler } from '../../core/json-schema/json-schema.ts';
import { queueTopicOf } from '../../core/names.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import type { DeliveryItem, Destination, Outcome } from './destination.ts';
import { madeNonceOf } from './made-nonce.ts';
import { errorToOutcome } from './to-outcome.ts';
import { sendFor } from './topic-publisher.ts';

export interface EnqueueOptions {
  readonly log: EventLog;
  readonly queue: Resource<'Queue'>;
  /** Resource name of the topic that the events come from, for records that are no events. */
  readonly source: string;
  /** Consumer group; it names the job together with the place of a record. */
  readonly group: string;
}

export function createEnqueueDestination({ log, queue, source, group }: EnqueueOptions): Destination {
  const { metadata, spec } = queue;
  const topic = queueTopicOf(metadata.namespace, metadata.name);
  const schema = spec.schema === undefined ? undefined : createSchemaCompiler()(spec.schema);
  const validator = compileEventValidator({ key: spec.key, schema, maxSize: spec.maxSize }, scopeOf('event'));
  const once = String(spec.idempotencyWindow);
  const enqueue = async (item: DeliveryItem): Promise<Outcome> => {
    const { partition, record } = item;
    try {
      const event = exactFromRecord(record, { source: `/topics/${source}`, type: source, partition, ...record });
      const job = { [JOB_HEADER]: madeNonceOf(group, item.partition, item.record.offset), [ONCE_HEADER]: once };
      await sendFor(item, { topic, id: event.id }, async inherited => {
        const sent = asSent(event, dataBytesOf(record));
        const [place] = await log.append(topic, [validator.admit(sent.event, sent.body, { ...inherited, ...job })]);
        return place;
      });
      return { kind: 'done' };
    } catch (error) {
      return errorToOutcome(error);
    }
  };
  return { label: `queue ${metadata.name}`, deliver: items => Promise.all(items.map(enqueue)) };
}
