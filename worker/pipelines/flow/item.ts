// An event on its way through a pipeline, with what it was made of.
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';

/**
 * The place of the record in what its stage reads. Results of one place are told apart by their
 * order.
 */
export interface Cause {
  readonly partition: number;
  /** The record that the stage has read; results carry on its trace and the number of its hops. */
  readonly record: LogRecord;
  /**
   * The first number of the results of this place, where others of it were made before for another
   * reason.
   */
  readonly base?: number;
}

export interface FlowItem {
  readonly event: CloudEvent;
  /**
   * The end of the ids of events that are made of it. It is the same whenever the event is made
   * again.
   */
  readonly place: string;
  readonly cause: Cause;
  /** The data as in the record, where they are still those of the event. */
  readonly body?: Uint8Array | undefined;
}
