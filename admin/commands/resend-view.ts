// Sending an event of a Topic again, in the admin API: a new event of the Topic, which says what it
// repeats.
import type { ConsumerName } from '../consumer-name.ts';
import type { DeadLetterEdit } from './dead-letter-view.ts';

export interface ResendRequest {
  readonly namespace: string;
  readonly topic: string;
  /** `<partition>-<offset>` of the event that is sent again. */
  readonly place: string;
  /** Other data; without it the event goes as it was. */
  readonly edit?: DeadLetterEdit | undefined;
  /** The id of the new event; a fresh one without it. */
  readonly eventId?: string | undefined;
  /** The consumer that alone gets it; all of the Topic without it. */
  readonly consumer?: ConsumerName | undefined;
}

export interface ResendPlan {
  /** For the request that sends it: then a repeat of that request has the same id. */
  readonly eventId: string;
  /** The event that it repeats. */
  readonly repeats: { readonly id: string; readonly source: string };
  readonly type: string;
  /** The key that the Topic makes of the new event. */
  readonly key: string | null;
  /** The key of the event that it repeats. */
  readonly keyBefore: string | null;
  readonly contentType?: string;
  /** Size of the data. */
  readonly bytes: number;
  readonly edited: boolean;
  /** All that read the Topic, or the chosen one. Filters may leave the event out. */
  readonly consumers: readonly ConsumerName[];
  /** The number of others, which leave the event out; absent where all get it. */
  readonly others?: number;
  /** Further consumers, in namespaces that the caller may not view. */
  readonly hidden?: number;
  /** Sentences for people. */
  readonly notes: readonly string[];
}

export interface ResentEvent {
  readonly eventId: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * Throws `not-found` for a Topic, an event or a consumer that is none, `conflict` for an event that
 * cannot be sent again, and as the Topic's endpoint for data that it does not take.
 */
export interface ResendControl {
  /** Changes nothing. */
  plan(request: ResendRequest): Promise<ResendPlan>;
  /** The event is durable when it resolves. */
  send(request: ResendRequest): Promise<ResentEvent>;
}
