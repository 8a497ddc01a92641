// A step of the model.

import { laneOf } from './owner-memory.ts';
import { parkOf, type Unsigned } from './records.ts';
import type { Rules } from './rules.ts';
import type { Owner, State } from './state.ts';

export interface Step {
  readonly label: string;
  readonly state: State;
  /** What was wrong with the step itself; '' when nothing. */
  readonly broken: string;
}

/**
 * Makes a step: `act` changes copies of the state and of the owner, and answers with what is
 * wrong with it, if anything.
 */
export type StepMaker = (label: string, act: (state: State, owner: Owner, write: Write) => string) => void;

export type Write = (record: Unsigned, moved?: boolean) => void;

/** What stands behind a parked event of its key goes to the parking log. */
export function followAll(owner: Owner, key: number, rules: Rules, write: Write): void {
  for (const item of owner.items) {
    if (item.key !== key || !rules.mustFollow('key', laneOf(owner, key), item)) continue;
    item.parked = true;
    item.pending++;
    write(parkOf(item.offset, { generation: item.generation, attempts: 0 }));
  }
}
