// A Queue as an outlet: each event becomes a job. A repeat makes the same job again, which its
// workers recognise by its nonce.

import { createHash } from 'node:crypto';
import { asSent } from '../../../core/cloudevents/as-sent.ts';
import { compileEventValidator, type EventValidator } from '../../../core/cloudevents/event-validator.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { JOB_HEADER, ONCE_HEADER } from '../../../core/jobs/job-id.ts';
import { createSchemaCompiler } from '../../../core/json-schema/json-schema.ts';
import { queueTopicOf } from '../../../core/names.ts';
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { appendInParts } from '../../fold/append-in-parts.ts';
import type { FlowItem } from '../flow/item.ts';
import { inherited } from './inherited.ts';
import type { Outlet } from './outlet.ts';

export interface QueueOutletOptions {
  readonly log: Pick<EventLog, 'append'>;
  /** The resources in force. */
  resources(): ResourceSet;
  readonly namespace: string;
  readonly queue: string;
  readonly key: string | undefined;
  /** Name of the maker of the jobs. */
  readonly feeder: string;
}

export function createQueueOutlet({ log, resources, namespace, queue, key, feeder }: QueueOutletOptions): Outlet {
  let known: { readonly resource: Resource<'Queue'>; readonly validator: EventValidator } | undefined;
  const find = () => {
    const resource = resources().get('Queue', namespace, queue);
    if (resource === undefined) throw new TenfoldError('not-ready', `There is no queue ${queue}.`);
    if (resource === known?.resource) return known;
    const { spec } = resource;
    const schema = spec.schema === undefined ? undefined : createSchemaCompiler()(spec.schema);
    known = {
      resource,
      validator: compileEventValidator({ key: key ?? spec.key, schema, maxSize: spec.maxSize }, scopeOf('event')),
    };
    return known;
  };
  return {
    label: `queue ${queue}`,
    async put(items, refuse, signal) {
      const { validator, resource } = find();
      const once = String(resource.spec.idempotencyWindow);
      const records: NewRecord[] = [];
      for (const item of items) {
        try {
          const headers = { ...inherited(item), [JOB_HEADER]: nonceOf(feeder, item), [ONCE_HEADER]: once };
          const { event, body } = asSent(item.event, item.body);
          records.push(validator.admit(event, body, headers));
        } catch (error) {
          refuse(item, error);
        }
      }
      await appendInParts(log, queueTopicOf(namespace, queue), records, signal);
    },
  };
}

function nonceOf(feeder: string, { event, place }: FlowItem): string {
  return createHash('sha256').update(`${feeder}/${place}/${event.id}`).digest('hex').slice(0, 16);
}
