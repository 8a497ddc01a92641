// One result of a window, or of a row of a View, while events come. It adds values, shows the
// result, and is stored as JSON between steps.

export interface Accumulator {
  /** `time`: of the event, milliseconds since 1970. */
  add(value: unknown, time: number): void;
  /** Adds the values of the other accumulator: two sessions have become one. */
  merge(other: Accumulator): void;
  /** The result as JSON; null where it has no values. */
  result(): unknown;
  /** JSON from which `create` makes the same again. */
  save(): unknown;
}
