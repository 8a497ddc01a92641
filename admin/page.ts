// One page of what the admin API lists.

export interface Page<T> {
  readonly items: readonly T[];
  /** To be given as `after` for what comes next. */
  readonly next?: string;
}
