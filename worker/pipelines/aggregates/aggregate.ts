// One result of a window while events come: added to, shown, and kept as JSON between steps.

export interface Accumulator {
  /** `time`: of the event, milliseconds since 1970. */
  add(value: unknown, time: number): void;
  /** What was added to the other counts here, too: two sessions have become one. */
  merge(other: Accumulator): void;
  /** JSON; null where nothing was added that it could be made of. */
  result(): unknown;
  /** JSON from which `create` makes the same again. */
  save(): unknown;
}
