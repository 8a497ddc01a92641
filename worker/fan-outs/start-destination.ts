// Delivers events by beginning a job of a FanOut with each. A repeat begins the same job again,
// which is known by its nonce.
import { createHash } from 'node:crypto';
import { dataBytesOf, exactFromRecord, toRecord } from '../../core/cloudevents/record.ts';
import { TenfoldError } from '../../core/errors.ts';
import { INDEX_HEADER, type ParentItem, toFactRecord } from '../../core/fan-outs/facts.ts';
import { FAN_OUT_PARTITIONS, fanOutLayoutOf, MAX_FAN_OUT_INPUT } from '../../core/fan-outs/layout.ts';
import type { EventLog } from '../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../drivers/event-log/partitioner.ts';
import type { DeliveryItem, Destination, Outcome } from '../deliver/destination.ts';
import { madeNonceOf } from '../deliver/made-nonce.ts';
import { errorToOutcome } from '../deliver/to-outcome.ts';
import { sendFor } from '../deliver/topic-publisher.ts';
import { placeOf } from './task.ts';

export interface StartOptions {
  readonly log: EventLog;
  readonly namespace: string;
  /** The FanOut that gets the jobs. */
  readonly fanOut: string;
  /** Consumer group; it names the job together with the place of a record. */
  readonly group: string;
  /** Resource name of the events' origin, for records that are no events. */
  readonly source: string;
  /** The FanOut whose items are divided further; undefined where the events are no items. */
  readonly parent?: string;
}

export function createStartDestination(options: StartOptions): Destination {
  const { log, namespace, fanOut } = options;
  const { facts } = fanOutLayoutOf(namespace, fanOut);
  const start = async (item: DeliveryItem): Promise<Outcome> => {
    try {
      const { partition, record } = item;
      const plain = { source: `/topics/${options.source}`, type: options.source, partition, ...record };
      const event = toRecord(exactFromRecord(record, plain), null, dataBytesOf(record));
      if (event.value.length > MAX_FAN_OUT_INPUT) {
        const message = `The event has ${event.value.length} bytes; one that begins a job may have ${MAX_FAN_OUT_INPUT}.`;
        throw new TenfoldError('body-too-large', message);
      }
      const parent = options.parent === undefined ? undefined : parentOf(options.parent, item);
      const nonce = parent
        ? nestedNonceOf(options.group, parent)
        : madeNonceOf(options.group, partition, record.offset);
      const partitionOfJob = partitionOf(nonce, FAN_OUT_PARTITIONS);
      const fact = { kind: 'start', owner: '', parent } as const;
      await sendFor(item, { topic: facts, id: event.headers['ce_id'] }, async inherited => {
        const headers = { ...event.headers, ...inherited };
        const [place] = await log.append(facts, [toFactRecord(nonce, partitionOfJob, fact, event.value, headers)]);
        return place;
      });
      return { kind: 'done' };
    } catch (error) {
      return errorToOutcome(error);
    }
  };
  return { label: `fan-out ${fanOut}`, deliver: items => Promise.all(items.map(start)) };
}

function parentOf(fanOut: string, { record }: DeliveryItem): ParentItem | undefined {
  const place = placeOf(record);
  return place && { fanOut, ...place, index: Number(record.headers[INDEX_HEADER]) };
}

/**
 * An item is one job, however often it is in the log. `group`: the group that works on the items.
 */
export function nestedNonceOf(group: string, { nonce, index }: Pick<ParentItem, 'nonce' | 'index'>): string {
  return createHash('sha256').update(`${group}/${nonce}/${index}`).digest('hex').slice(0, 16);
}
