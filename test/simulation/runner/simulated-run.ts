// What every simulation says of one run, whatever it simulates.

export interface SimulatedRun {
  /** What is wrong; undefined where nothing is. */
  readonly wrong: string | undefined;
  /** Rare states that were visited. */
  readonly sights: ReadonlySet<string>;
  readonly steps: number;
  /** Two runs are the same when this is. */
  readonly trace: string;
}
