// The input of a window: the Topic itself, where that is keyed as the window is, or an internal
// topic that was keyed for it.

import { isFor } from '../../../core/cloudevents/addressee.ts';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { EVENT_TIME_HEADER } from '../../../core/wire.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { partitionOf } from '../../../drivers/event-log/partitioner.ts';
import { type Clock, clockOf } from '../../fold/clock-record.ts';
import { markOf, type SourceMark } from '../../fold/source-mark.ts';
import type { FlowItem } from '../flow/item.ts';
import { internalItem, sourceItem } from '../flow/item-codec.ts';
import { lightEvent, readDataOnly } from '../flow/light-event.ts';
import { compileCondition } from '../flow/steps.ts';
import { compileTime, type WindowPlan } from './window-plan.ts';

export interface WindowEvent {
  readonly event: CloudEvent;
  readonly key: string;
  /** When it happened, milliseconds since 1970. */
  readonly time: number;
  /** Which of the sources that the watermark is the least of. */
  readonly source: number;
  /** The mark by which a repeat is recognised. */
  readonly mark: SourceMark | undefined;
}

export interface WindowInput {
  /** Whether records of the topic were written by a stage, so that one may be there twice. */
  readonly marked: boolean;
  /** False where they may be in another order than that of their marks. */
  readonly ordered: boolean;
  /** Partitions of the source. */
  readonly sources: number;
  /** The event of a record that was read, with all its parts. */
  toItem(record: LogRecord, partition: number): FlowItem;
  /** Undefined: the record does not count. Throws errors of `isPoison`. */
  read(record: LogRecord, partition: number): WindowEvent | { readonly clock: Clock } | 'filtered' | undefined;
}

export interface SourceInputInit {
  /** Resource name of the Topic. */
  readonly source: string;
  /** The address of the Pipeline, which leaves out what is for another consumer. */
  readonly address: string;
  readonly filters: readonly string[];
  readonly plan: Pick<WindowPlan, 'keyOf' | 'expressions'>;
  /** Expression in `${…}`. */
  readonly time: string;
  /** Of the Topic. */
  readonly partitions: number;
}

export function createSourceInput({ source, address, filters, plan, time, partitions }: SourceInputInit): WindowInput {
  const conditions = filters.map(compileCondition);
  const timeOf = compileTime(time);
  const light = readDataOnly([...filters.map(text => text.slice(2, -1)), ...plan.expressions]);
  return {
    marked: false,
    ordered: true,
    sources: 1,
    toItem: (record, partition) => sourceItem(record, partition, source),
    read(record, partition) {
      if (!isFor(record, address)) return 'filtered';
      const event = (light ? lightEvent(record) : undefined) ?? sourceItem(record, partition, source).event;
      for (const holds of conditions) {
        if (!holds(event)) return 'filtered';
      }
      const key = plan.keyOf(event);
      // Its key may have been empty, or another one, when it was published. Other events of its
      // window may be elsewhere.
      if (key === '' || partitionOf(key, partitions) !== partition) throw strayError(source, key, partition);
      return { event, key, time: timeOf(event, record), source: 0, mark: undefined };
    },
  };
}

function strayError(source: string, key: string, partition: number): TenfoldError {
  const what = key === '' ? 'An event without a key' : `An event of the key ${JSON.stringify(key)}`;
  return new TenfoldError(
    'invalid-event',
    `${what} is in partition ${partition} of Topic ${source}, where that key does not belong: the window would be divided. It was published under another key, or before the Topic got more partitions. Write "by" in other words than "key" of the Topic: then events are brought together first.`,
  );
}

/** Events that come in any order say nothing of the progress of time. */
const NONE = -1;

export interface InternalInputInit {
  readonly sources: number;
  readonly ordered: boolean;
}

export function createInternalInput({ sources, ordered }: InternalInputInit): WindowInput {
  return {
    marked: true,
    ordered,
    sources,
    toItem: internalItem,
    read(record, partition) {
      const clock = clockOf(record);
      if (clock) return { clock };
      const mark = markOf(record);
      // A record that no stage of ours has written does not belong here.
      if (mark === undefined) return undefined;
      const item = internalItem(record, partition);
      const time = Number(record.headers[EVENT_TIME_HEADER]);
      return {
        event: item.event,
        key: record.key ?? '',
        time,
        source: ordered ? mark.partition : NONE,
        mark,
      };
    },
  };
}
