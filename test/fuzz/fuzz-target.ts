// What is fuzzed: one parser of bytes from outside, and what must hold whatever it is given.
export interface FuzzTarget {
  /** Name of the folder of its corpus. */
  readonly name: string;
  /** Pieces that mutations put in: what the parser gives a meaning to. */
  readonly words: readonly string[];
  /** Inputs for `make test`; what a single one takes decides how many. */
  readonly runs: number;
  /**
   * Throws when something does not hold that must. Answers with what became of the input, in a few
   * words that tell the ways through the parser apart:
   * an input whose answer is new is kept for further mutations.
   */
  run(input: Buffer): string;
}
