// Finds the Topics with a source, and how a row of that becomes a record of the Topic.
import { asSent } from '../../core/cloudevents/as-sent.ts';
import { checkString } from '../../core/cloudevents/attributes.ts';
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { compileEventValidator } from '../../core/cloudevents/event-validator.ts';
import { TenfoldError } from '../../core/errors.ts';
import { createSchemaCompiler } from '../../core/json-schema/json-schema.ts';
import { parseExactly } from '../../core/units/whole-numbers.ts';
import { toTimestamp } from '../../core/world.ts';
import type { NewRecord } from '../../drivers/event-log/event-log.ts';
import type { OutboxRow } from '../../drivers/outbox/outbox.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { logTopicOf } from '../plan/compile.ts';

export type PostgresSpec = NonNullable<Resource<'Topic'>['spec']['source']>['postgres'];

export interface SourcePlan {
  readonly resource: Resource<'Topic'>;
  readonly spec: PostgresSpec;
  /** `default/orders`. */
  readonly key: string;
  /** In the log. */
  readonly topic: string;
  /** Another one where the source has to begin anew. */
  readonly fingerprint: string;
}

/** Why a row becomes no event. */
export const REFUSALS = ['key', 'data', 'schema', 'size', 'other'] as const;
export type Refusal = (typeof REFUSALS)[number];

const MAX_ATTRIBUTE = 16_384;

export function compileSources(resources: ResourceSet): SourcePlan[] {
  return resources.ofKind('Topic').flatMap(resource => {
    const { metadata, spec } = resource;
    if (spec.source === undefined) return [];
    const { partitions: _, retention: __, ...counting } = spec;
    return [
      {
        resource,
        spec: spec.source.postgres,
        key: `${metadata.namespace}/${metadata.name}`,
        topic: logTopicOf(resource),
        fingerprint: JSON.stringify(counting),
      },
    ];
  });
}

/** A row that becomes no event: it stays in its table. */
export class RefusedRow extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, message: string) {
    super(message);
    this.refusal = refusal;
  }
}

/** Throws `RefusedRow`. A repeat of a row gives a record with the same source and id. */
export function createRowReader({ resource }: SourcePlan): (row: OutboxRow) => NewRecord {
  const { metadata, spec } = resource;
  const { key, maxSize } = spec;
  const schema = spec.schema === undefined ? undefined : createSchemaCompiler()(spec.schema);
  const validator = compileEventValidator({ key, schema, maxSize }, scopeOf('event'));
  const base = { source: `/sources/topics/${metadata.name}/postgres`, type: metadata.name };
  return row => {
    if (row.bytes > maxSize) {
      throw new RefusedRow('size', `Its data has ${row.bytes} bytes; at most ${maxSize} are taken here.`);
    }
    try {
      const event = eventOf(row, base);
      const sent = asSent(event, row.data === null ? undefined : Buffer.from(row.data));
      return validator.admit(sent.event, sent.body, {});
    } catch (error) {
      throw toRefused(error);
    }
  };
}

export function toRefused(error: unknown): unknown {
  if (!(error instanceof TenfoldError)) return error;
  if (error.code === 'body-too-large') return new RefusedRow('size', error.message);
  if (error.code === 'invalid-input') return new RefusedRow('schema', error.message);
  return new RefusedRow('other', error.message);
}

function eventOf(row: OutboxRow, { source, type }: Pick<CloudEvent, 'source' | 'type'>): CloudEvent {
  const event: CloudEvent = { specversion: '1.0', id: row.id, source, type: row.type || type };
  if (row.id === '') throw new RefusedRow('other', 'Its id is empty.');
  if (row.key === null || row.key === '') throw new RefusedRow('key', 'It has no key, so its order would be lost.');
  if (row.key !== undefined) event['partitionkey'] = row.key;
  if (row.subject) event.subject = row.subject;
  if (typeof row.time === 'number') event.time = timeOf(row.time);
  for (const name of ['id', 'type', 'subject', 'partitionkey'] as const) {
    const value = event[name];
    if (typeof value === 'string') checkString(name, value, MAX_ATTRIBUTE);
  }
  if (row.data === null) return event;
  return { ...event, datacontenttype: 'application/json', data: jsonOf(row.data) };
}

function jsonOf(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    throw new RefusedRow('data', 'Its data is no JSON.');
  }
}

function timeOf(ms: number): string {
  try {
    return toTimestamp(ms);
  } catch {
    throw new RefusedRow('other', 'Its time is one that no event can have.');
  }
}
