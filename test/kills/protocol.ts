// What the killer and the process that it kills say to each other.

export interface PublishedEvent {
  readonly id: string;
  readonly key: string;
}

export interface StoredEvent {
  readonly partition: number;
  readonly offset: number;
  readonly id: string;
  readonly key: string;
}

export type Order =
  | { readonly kind: 'publish'; readonly events: readonly PublishedEvent[] }
  /** What the log holds from these offsets on, by partition. */
  | { readonly kind: 'read'; readonly from: readonly number[] }
  | { readonly kind: 'look' };

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'published'; readonly events: readonly StoredEvent[] }
  | { readonly kind: 'stored'; readonly events: readonly StoredEvent[] }
  | {
      readonly kind: 'seen';
      readonly lag: number | undefined;
      /** That all is done is kept: a process that comes after it delivers nothing again. */
      readonly isCommitted: boolean;
      /** Events that were given up. */
      readonly dead: readonly { readonly partition: number; readonly offset: number; readonly attempts: number }[];
    };

/** One event in a call of the function. */
export interface Call {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly attempt: number;
}

export const TOPIC = 'events';
export const GROUP = 'subscription.kills.group';
export const PARTITIONS = 2;
export const ATTEMPTS = 3;
