// The events of a Topic and the jobs of a Queue as messages of AsyncAPI, with their schemas.

import { channelKeyOf, type Holder } from '../../../admin/catalogue/event-flows.ts';
import type { JsonObject, JsonValue } from '../../../resources/kinds/fields/json.ts';
import { kafkaTopicOf } from '../../../worker/plan/compile.ts';

type Members = Readonly<Record<string, object>>;

const TEXT = { type: 'string', minLength: 1 };
/** CloudEvents 1.0.2 §3.1; extensions have further ones. */
const REQUIRED: Members = { specversion: { type: 'string', const: '1.0' }, id: TEXT, source: TEXT, type: TEXT };
const OPTIONAL: Members = {
  subject: TEXT,
  time: { type: 'string', format: 'date-time' },
  datacontenttype: TEXT,
  dataschema: TEXT,
  partitionkey: TEXT,
};
const CONTENT_TYPES = { json: 'application/json', avro: 'application/avro', protobuf: 'application/protobuf' };

/** The schema of the data for `components.schemas`; undefined where there is none. */
export function dataSchemaOf(holder: Holder): object | undefined {
  const { schema } = holder.spec;
  if (schema === undefined) return undefined;
  const { $schema: _draft, $id: _id, ...rest } = schema;
  return moved(rest, `#/components/schemas/${channelKeyOf(holder)}`) as object;
}

export function messageOf(holder: Holder, topicPrefix: string): object {
  const { metadata, kind } = holder;
  const data = holder.spec.schema === undefined ? undefined : { $ref: `#/components/schemas/${channelKeyOf(holder)}` };
  const encoding = kind === 'Topic' ? holder.spec.encoding : undefined;
  const registry = encoding?.registry;
  const subject = kind === 'Topic' ? (registry?.subject ?? `${kafkaTopicOf(holder, topicPrefix)}-value`) : '';
  const isStructured = kind === 'Topic' && holder.spec.kafka?.contentMode === 'structured';
  const binding = {
    key: { type: 'string' },
    ...(registry && { schemaIdLocation: 'payload', schemaIdPayloadEncoding: 'confluent' }),
    bindingVersion: '0.5.0',
  };
  return {
    name: metadata.name,
    title: kind === 'Topic' ? `An event of ${metadata.name}` : `A job of ${metadata.name}`,
    ...(registry && {
      description: `The schema registry has the schema, as the subject \`${subject}\`.`,
    }),
    ...(isStructured
      ? { contentType: 'application/cloudevents+json', payload: envelopeOf(data) }
      : {
          contentType: CONTENT_TYPES[encoding?.format ?? 'json'],
          headers: headersOf(),
          ...(data && { payload: data }),
        }),
    ...(kind === 'Topic' && { bindings: { kafka: binding } }),
  };
}

/** The binary mode of CloudEvents over Kafka: attributes are headers. */
function headersOf(): object {
  const header = ([name, schema]: [string, object]) => [
    name === 'datacontenttype' ? 'content-type' : `ce_${name}`,
    schema,
  ];
  const properties = Object.fromEntries(Object.entries({ ...REQUIRED, ...OPTIONAL }).map(header));
  return { type: 'object', required: Object.keys(REQUIRED).map(name => `ce_${name}`), properties };
}

/** The structured mode: all of the event is JSON. */
function envelopeOf(data: object | undefined): object {
  return {
    type: 'object',
    required: Object.keys(REQUIRED),
    properties: { ...REQUIRED, ...OPTIONAL, ...(data && { data }) },
  };
}

/** Members that hold values, not schemas. */
const VALUES = new Set(['const', 'enum', 'default', 'examples']);
/** Members that hold schemas by names of their own. */
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);

/** References inside a schema lead into the document that it has become a part of. */
function moved(schema: JsonValue, place: string, isNamed = false): JsonValue {
  if (Array.isArray(schema)) return schema.map(item => moved(item, place));
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema as JsonObject).map(([name, value]) => {
    if (isNamed) return [name, moved(value, place)];
    if (VALUES.has(name)) return [name, value];
    if (name === '$ref' && typeof value === 'string' && value.startsWith('#')) return [name, place + value.slice(1)];
    return [name, moved(value, place, NAMED.has(name))];
  });
  return Object.fromEntries(entries);
}
