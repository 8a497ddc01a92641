// The target of a schedule: its topic in the log, the record that a run becomes there, and the job
// that the record begins.

import { createHash } from 'node:crypto';
import { compileValue } from '../../core/cel/value.ts';
import { asSent } from '../../core/cloudevents/as-sent.ts';
import type { CloudEvent } from '../../core/cloudevents/cloud-event.ts';
import { compileEventValidator, type EventValidatorSpec } from '../../core/cloudevents/event-validator.ts';
import { toFactRecord } from '../../core/fan-outs/facts.ts';
import { FAN_OUT_PARTITIONS, fanOutLayoutOf, MAX_FAN_OUT_INPUT } from '../../core/fan-outs/layout.ts';
import { formatJobId, JOB_HEADER, ONCE_HEADER } from '../../core/jobs/job-id.ts';
import { createSchemaCompiler } from '../../core/json-schema/json-schema.ts';
import { queueTopicOf } from '../../core/names.ts';
import type { PendingRun } from '../../core/schedules/schedule-state.ts';
import { toTimestamp } from '../../core/world.ts';
import type { AppendedAt, NewRecord } from '../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../drivers/event-log/partitioner.ts';
import { scopeOf } from '../../resources/references/scopes.ts';
import type { Resource } from '../../resources/resource.ts';
import { logTopicOf } from '../plan/compile.ts';
import type { ScheduledResource, SchedulePlan, ScheduleSpec } from './schedule-plan.ts';

export interface ScheduleTarget {
  /** In the log. */
  readonly topic: string;
  /**
   * Throws for an event that the target does not take. A repeat gives a record with the same source
   * and id, and the same job.
   */
  recordOf(run: PendingRun): NewRecord;
  /** The job that the record at this place begins; undefined for events without an end. */
  jobOf(run: PendingRun, place: AppendedAt): string | undefined;
}

const WORDS = { Topic: 'topics', Queue: 'queues', FanOut: 'fan-outs' } as const;

export function createScheduleTarget({ resource, spec }: SchedulePlan): ScheduleTarget {
  const eventOf = eventsOf(resource, spec);
  switch (resource.kind) {
    case 'Topic':
      return topicTarget(resource, eventOf);
    case 'Queue':
      return queueTarget(resource, eventOf);
    case 'FanOut':
      return fanOutTarget(resource, eventOf);
  }
}

type EventOf = (run: PendingRun) => CloudEvent;

function eventsOf({ kind, metadata }: ScheduledResource, { name, type, data }: ScheduleSpec): EventOf {
  const source = `/schedules/${WORDS[kind]}/${metadata.name}/${name}`;
  const template = data === undefined ? undefined : compileValue(data, scopeOf('event'));
  return ({ id, due }) => {
    const time = toTimestamp(due);
    const event: CloudEvent = { specversion: '1.0', id, source, type, time, datacontenttype: 'application/json' };
    return { ...event, data: template === undefined ? { schedule: name, due: time } : template.evaluate({ event }) };
  };
}

function topicTarget(resource: Resource<'Topic'>, eventOf: EventOf): ScheduleTarget {
  const validator = validatorOf(resource.spec);
  return {
    topic: logTopicOf(resource),
    recordOf(run) {
      const { event, body } = asSent(eventOf(run), undefined);
      return validator.admit(event, body, {});
    },
    jobOf: () => undefined,
  };
}

function queueTarget({ metadata, spec }: Resource<'Queue'>, eventOf: EventOf): ScheduleTarget {
  const validator = validatorOf(spec);
  const once = String(spec.idempotencyWindow);
  return {
    topic: queueTopicOf(metadata.namespace, metadata.name),
    recordOf(run) {
      const { event, body } = asSent(eventOf(run), undefined);
      return validator.admit(event, body, { [JOB_HEADER]: nonceOf(event), [ONCE_HEADER]: once });
    },
    jobOf: (run, place) => formatJobId({ ...place, nonce: nonceOf(eventOf(run)) }),
  };
}

function fanOutTarget({ metadata, spec }: Resource<'FanOut'>, eventOf: EventOf): ScheduleTarget {
  const validator = validatorOf({ schema: spec.on.http?.schema, maxSize: MAX_FAN_OUT_INPUT });
  return {
    topic: fanOutLayoutOf(metadata.namespace, metadata.name).facts,
    recordOf(run) {
      const { event, body } = asSent(eventOf(run), undefined);
      const nonce = nonceOf(event);
      const { value, headers } = validator.admit(event, body, {});
      return toFactRecord(nonce, partitionOf(nonce, FAN_OUT_PARTITIONS), { kind: 'start', owner: '' }, value, headers);
    },
    jobOf: (run, place) => formatJobId({ ...place, nonce: nonceOf(eventOf(run)) }),
  };
}

function validatorOf({ schema, ...spec }: Omit<EventValidatorSpec, 'schema'> & { readonly schema?: unknown }) {
  const compiled = schema === undefined ? undefined : createSchemaCompiler()(schema);
  return compileEventValidator({ key: spec.key, schema: compiled, maxSize: spec.maxSize }, scopeOf('event'));
}

/** The job of a run is the same, however often its record is in the log. */
function nonceOf({ source, id }: CloudEvent): string {
  return createHash('sha256').update(`${source}\n${id}`).digest('hex').slice(0, 16);
}
