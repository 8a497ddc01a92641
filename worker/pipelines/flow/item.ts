// An event on its way through a pipeline, with what it was made of.
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';

/** Where it stands in what its stage reads: results of one place are told apart by their order. */
export interface Cause {
  readonly partition: number;
  /** What the stage has read: its trace and the number of its hops go on. */
  readonly record: LogRecord;
  /** What the numbers of results of this place begin with, where others of it were made before for another reason. */
  readonly base?: number;
}

export interface Item {
  readonly event: CloudEvent;
  /** What ids of events that are made of it end with: the same whenever it is made again. */
  readonly place: string;
  readonly cause: Cause;
  /** The data as they stand in the record, where they are those of the event still. */
  readonly body?: Uint8Array | undefined;
}
