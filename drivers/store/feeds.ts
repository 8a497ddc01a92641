// The newest first, for each of many owners: what `push` changes keep.

export interface FeedEntry {
  readonly id: string;
  readonly at: number;
  readonly value: Uint8Array;
  /**
   * Its place in the order: opaque. As `after` it goes on behind this entry, in this
   * feed and in those of others.
   */
  readonly position: string;
}

export interface FeedPage {
  readonly entries: readonly FeedEntry[];
  /** Undefined at the end. */
  readonly next: string | undefined;
}

export interface Feeds {
  feed(
    scope: string,
    feed: string,
    owner: string,
    page: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<FeedPage>;
}
