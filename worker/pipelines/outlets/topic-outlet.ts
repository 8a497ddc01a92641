// A Topic as an outlet: events are checked as at its endpoint, with the key of the Topic or one of
// the sink's own.
import { asSent } from '../../../core/cloudevents/as-sent.ts';
import { compileEventValidator, type EventValidator } from '../../../core/cloudevents/event-validator.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { createSchemaCompiler } from '../../../core/json-schema/json-schema.ts';
import { topicOf } from '../../../core/names.ts';
import type { EventLog, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { scopeOf } from '../../../resources/references/scopes.ts';
import type { Resource } from '../../../resources/resource.ts';
import type { ResourceSet } from '../../../resources/resource-set.ts';
import { appendInParts } from '../../fold/append-in-parts.ts';
import { inherited } from './inherited.ts';
import type { Outlet } from './outlet.ts';

export interface TopicOutletOptions {
  readonly log: Pick<EventLog, 'append'>;
  /** The resources in force. */
  resources(): ResourceSet;
  readonly namespace: string;
  readonly topic: string;
  /** Expression in `${…}`; undefined: the key of the Topic. */
  readonly key: string | undefined;
}

export function createTopicOutlet({ log, resources, namespace, topic, key }: TopicOutletOptions): Outlet {
  let known:
    | { readonly resource: Resource<'Topic'>; readonly validator: EventValidator; readonly name: string }
    | undefined;
  const find = () => {
    const resource = resources().get('Topic', namespace, topic);
    if (resource === undefined) throw new TenfoldError('not-ready', `There is no topic ${topic}.`);
    if (resource === known?.resource) return known;
    const { spec } = resource;
    const schema = spec.schema === undefined ? undefined : createSchemaCompiler()(spec.schema);
    const validator = compileEventValidator({ key: key ?? spec.key, schema, maxSize: spec.maxSize }, scopeOf('event'));
    known = { resource, validator, name: spec.kafka?.topic ?? topicOf(namespace, topic) };
    return known;
  };
  return {
    label: `topic ${topic}`,
    async put(items, refuse, signal) {
      const { validator, name } = find();
      const records: NewRecord[] = [];
      for (const item of items) {
        try {
          const { event, body } = asSent(item.event, item.body);
          records.push(validator.admit(event, body, inherited(item)));
        } catch (error) {
          refuse(item, error);
        }
      }
      await appendInParts(log, name, records, signal);
    },
  };
}
