// The best of many, by score: what `score` changes keep.

export interface Ranked {
  readonly member: string;
  readonly score: number;
  /** From 1. Higher scores first, equal ones by member (UTF-8 bytes). */
  readonly rank: number;
  readonly value: Uint8Array | undefined;
}

export interface Rankings {
  /** Members from rank `from` (1 when left out) on, at most `limit` (1 to `MAX_PAGE`). */
  top(
    scope: string,
    ranking: string,
    page: { readonly limit: number; readonly from?: number },
  ): Promise<readonly Ranked[]>;
  /** The member with up to `before` better and `after` worse ones; empty when it is not ranked. */
  around(
    scope: string,
    ranking: string,
    member: string,
    window: { readonly before: number; readonly after: number },
  ): Promise<readonly Ranked[]>;
  rankingSize(scope: string, ranking: string): Promise<number>;
}
