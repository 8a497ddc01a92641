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
import { sourceNumber } from './watermark.ts';
import { compileTime, type WindowPlan } from './window-plan.ts';

export interface WindowEvent {
  readonly event: CloudEvent;
  readonly key: string;
  /** When it happened, milliseconds since 1970. */
  readonly time: number;
  /**
   * The number of the source, of which the watermark takes the least; below 0 where it says nothing
   * of time.
   */
  readonly source: number;
  /** The number of the partition that it came from. */
  readonly number: number;
  /** The number of the topic that it came from. */
  readonly topic: number;
  /** The mark by which a repeat is recognised. */
  readonly mark: SourceMark | undefined;
}

export interface WindowInput {
  /** Whether records of the topic were written by a stage, so that one may be there twice. */
  readonly marked: boolean;
  /** False where they may be in another order than that of their marks. */
  readonly ordered: boolean;
  /**
   * Set where the events were counted in place before: the topic of the log where that was. An
   * event that comes twice is known by it, whichever way it takes.
   */
  readonly countedAs?: string | undefined;
  /** The event of a record that was read, with all its parts. */
  toItem(record: LogRecord, partition: number): FlowItem;
  /** Undefined: the record does not count. Throws errors of `isPoison`. */
  read(record: LogRecord, partition: number): WindowEvent | WindowClock | 'filtered' | undefined;
}

interface WindowClock {
  readonly clock: Clock;
  /** The same with the numbers of sources, as the watermark knows them. */
  readonly numbered: Clock;
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
  /**
   * Called with the key of an event that is not in its partition. Throws where it cannot count. Not
   * set where nothing is counted.
   */
  strayed?(key: string, partition: number): void;
}

export function createSourceInput(init: SourceInputInit): WindowInput {
  const { source, address, filters, plan, time, partitions } = init;
  const conditions = filters.map(compileCondition);
  const timeOf = compileTime(time);
  const light = readDataOnly([...filters.map(text => text.slice(2, -1)), ...plan.expressions]);
  return {
    marked: false,
    ordered: true,
    toItem: (record, partition) => sourceItem(record, partition, source),
    read(record, partition) {
      if (!isFor(record, address)) return 'filtered';
      const event = (light ? lightEvent(record) : undefined) ?? sourceItem(record, partition, source).event;
      for (const holds of conditions) {
        if (!holds(event)) return 'filtered';
      }
      const key = plan.keyOf(event);
      // Other events of its window may be elsewhere, wherever it is.
      if (key === '') throw withoutKey(source, partition);
      if (partitionOf(key, partitions) !== partition) init.strayed?.(key, partition);
      return { event, key, time: timeOf(event, record), source: 0, number: 0, topic: 0, mark: undefined };
    },
  };
}

function withoutKey(source: string, partition: number): TenfoldError {
  return new TenfoldError(
    'invalid-event',
    `An event without a key is in partition ${partition} of Topic ${source}, whose windows are counted by that key: the window would be divided. Write "by" in other words than "key" of the Topic: then events are brought together first.`,
  );
}

/** Events that come in any order say nothing of the progress of time. */
const NONE = -1;

export interface InternalInputInit {
  readonly ordered: boolean;
  /** The stages that fill the topic, as in the marks: one for each topic that events come from. */
  readonly feeders: readonly string[];
  readonly countedAs?: string | undefined;
}

export function createInternalInput({ ordered, feeders, countedAs }: InternalInputInit): WindowInput {
  const topics = feeders.length;
  // An earlier release may have named the only one otherwise.
  const topicOf = (feeder: string) => (topics === 1 ? 0 : Math.max(0, feeders.indexOf(feeder)));
  const numbered = (clock: Clock): Clock => {
    const { feeder, source, sources } = clock;
    if (topics === 1) return clock;
    const topic = topicOf(feeder);
    const known = sources === undefined ? {} : { sources: sourceNumber(sources - 1, topic, topics) + 1 };
    return { ...clock, source: sourceNumber(source, topic, topics), ...known };
  };
  return {
    marked: true,
    ordered,
    countedAs,
    toItem: internalItem,
    read(record, partition) {
      const clock = clockOf(record);
      if (clock) return { clock, numbered: numbered(clock) };
      const mark = markOf(record);
      // A record that no stage of ours has written does not belong here.
      if (mark === undefined) return undefined;
      const item = internalItem(record, partition);
      const time = Number(record.headers[EVENT_TIME_HEADER]);
      const topic = topicOf(mark.topic);
      const number = sourceNumber(mark.partition, topic, topics);
      const source = ordered ? number : NONE;
      return { event: item.event, key: record.key ?? '', time, source, number, topic, mark };
    },
  };
}
