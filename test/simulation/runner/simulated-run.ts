// What every simulation says of one run, whatever it simulates.

import type { Compared } from '../stories/compared.ts';

export interface SimulatedRun {
  /** What is wrong; undefined where nothing is. */
  readonly wrong: string | undefined;
  /** Rare states that were visited. */
  readonly sights: ReadonlySet<string>;
  /** Stories of events, where the simulation asks for them. */
  readonly stories?: Compared;
  readonly steps: number;
  /** Two runs are the same when this is. */
  readonly trace: string;
}
