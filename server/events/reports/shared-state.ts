// The state of a consumer as processes tell it to each other. They may be of different releases
// while an installation is upgraded, and the release before has another word for one state.
import * as z from 'zod';

const RESTING = 'resting';
/** The word of the release before; in messages it stays until that is no longer upgraded from. */
const SHARED = 'waiting';

/** The schema of a state in a message, in either word. */
export function reportedState<const S extends string>(states: readonly S[]) {
  return z.preprocess(state => (state === SHARED ? RESTING : state), z.enum(states));
}

/** As a message has it. */
export function withReportedState<T extends { readonly state: string }>(
  told: T,
): T | (Omit<T, 'state'> & { state: string }) {
  return told.state === RESTING ? { ...told, state: SHARED } : told;
}
