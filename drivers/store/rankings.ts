// The best of many, by score: what `score` changes keep.

export interface Ranked {
  readonly member: string;
  readonly score: number;
  /** From 1. Higher scores first, equal ones by member (UTF-8 bytes). */
  readonly rank: number;
  readonly value: Uint8Array | undefined;
}

/** A place in the order of a ranking, whether somebody has it there or not. */
export type RankedPlace = Pick<Ranked, 'member' | 'score'>;

export interface PlaceWindow {
  /** How many are better than the place. */
  readonly ahead: number;
  readonly ranked: readonly Ranked[];
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
  /**
   * Who is around a place, which may be that of a member of another ranking: up to `before` that
   * are better, and up to `after` others, with the member of the place if it is ranked there.
   */
  aroundPlace(
    scope: string,
    ranking: string,
    place: RankedPlace,
    window: { readonly before: number; readonly after: number },
  ): Promise<PlaceWindow>;
  rankingSize(scope: string, ranking: string): Promise<number>;
}
