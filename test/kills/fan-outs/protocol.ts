// What the killer and the process with a fan-out that it kills say to each other.

export interface BeginJob {
  readonly nonce: string;
  readonly items: number;
}

export type Order = { readonly kind: 'begin'; readonly jobs: readonly BeginJob[] } | { readonly kind: 'look' };

export interface SeenJob {
  readonly nonce: string;
  readonly state: string;
  readonly items: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Indexes of the results that are kept, and of those that were gathered. */
  readonly results: readonly number[];
  readonly gathered: readonly number[] | undefined;
  /** How it was told to have ended, each time. */
  readonly told: readonly string[];
}

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'begun'; readonly jobs: readonly BeginJob[] }
  | { readonly kind: 'seen'; readonly jobs: readonly SeenJob[] };

/** Every so many items one is broken. */
export const BROKEN_EVERY = 7;
export const PARTITIONS = 2;
export const ENDED = 'ended';
