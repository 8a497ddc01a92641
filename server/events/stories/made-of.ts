// Knows a record that was made of an event: its id is made of the place of its cause.
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import { DEPTH_HEADER } from '../../../core/wire.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';

/** The place of an event in its topic. */
export interface CausePlace {
  readonly partition: number;
  readonly offset: number;
}

export interface EventName {
  readonly id: string;
  readonly source: string;
}

/** `source`: resource name of its topic, for a record that is no event. */
export function eventNameAt(record: LogRecord, partition: number, source: string): CloudEvent | undefined {
  try {
    return fromRecord(record, { source: `/topics/${source}`, type: source, partition, ...record });
  } catch {
    return undefined;
  }
}

/** The event of `cause`, gone on as it is under its own id: it has come further than there. */
export function isSameEvent({ headers }: LogRecord, name: EventName | undefined, cause: LogRecord): boolean {
  const { ce_id: id, ce_source: source } = headers;
  return depthOf(headers) > depthOf(cause.headers) && name !== undefined && id === name.id && source === name.source;
}

function depthOf({ [DEPTH_HEADER]: depth = '0' }: LogRecord['headers']): number {
  return Number(depth);
}

/** The id of the event that a consumer's target answered with. */
export function replyIdOf(group: string, { partition, offset }: CausePlace): string {
  return `${group}/${partition}-${offset}`;
}

/** The place of the event that a reply answers; undefined for other ids. */
export function causeOfReply(id: string): (CausePlace & { readonly group: string }) | undefined {
  const [, group, partition, offset] = /^(.+)\/(\d{1,9})-(\d{1,16})$/s.exec(id) ?? [];
  if (group === undefined) return undefined;
  return { group, partition: Number(partition), offset: Number(offset) };
}

/** The place of the event of which a step of the pipeline has made the one with this id. */
export function causeInPipeline(id: string, pipeline: string): CausePlace | undefined {
  if (!id.startsWith(`${pipeline}/`) && !id.startsWith(`${pipeline}.`)) return undefined;
  const [, partition, offset] = /^[^/]+(?:\/[\d.]+)*\/(\d{1,9})-(\d{1,16})(?:-\d+)*$/.exec(id) ?? [];
  return partition === undefined ? undefined : { partition: Number(partition), offset: Number(offset) };
}

/**
 * The place of the event of a published dead letter. `deadid` is
 * `<group>/<partition>-<offset>-<redrives>`.
 */
export function causeOfLetter(deadId: string): (CausePlace & { readonly group: string }) | undefined {
  const [, group, partition, offset] = /^(.+)\/(\d{1,9})-(\d{1,16})-\d+$/s.exec(deadId) ?? [];
  if (group === undefined) return undefined;
  return { group, partition: Number(partition), offset: Number(offset) };
}
