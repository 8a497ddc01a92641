// Buckets that fill at a rate and are taken from, each by its key: what rate limits of several
// processes are counted in.

export interface BucketTake {
  /**
   * Names the bucket within its scope, with what it is limited to: of one
   * name it is always the same.
   */
  readonly bucket: string;
  /** One more is there after so many milliseconds, until there are `burst`. */
  readonly intervalMs: number;
  readonly burst: number;
  /** Taken are as many as there are, at most this. */
  readonly want: number;
}

export interface BucketTaken {
  readonly taken: number;
  /** Until the bucket is full again, milliseconds by the store's clock. */
  readonly resetMs: number;
}

export interface Buckets {
  /** In the order of `takes`, at most `MAX_TAKES`. A bucket that is full is not kept. */
  take(scope: string, takes: readonly BucketTake[]): Promise<readonly BucketTaken[]>;
}

export const MAX_TAKES = 500;
