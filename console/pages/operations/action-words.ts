// Words for actions on many events, and the right that each needs.
import type { Verb } from '../../../admin/access/caller.ts';
import type { OperationAction, OperationReport } from '../../../admin/commands/operation-view.ts';
import type { Tone } from '../../parts/tone.ts';

interface ActionWords {
  readonly title: string;
  /** A sentence. */
  readonly does: string;
}

export const actionWords: Readonly<Record<OperationAction, ActionWords>> = {
  redrive: { title: 'Redrive', does: 'Sends the events to their consumer again, as they are.' },
  edit: { title: 'Redrive with other data', does: 'Sends the events to their consumer again, with other data.' },
  skip: { title: 'Skip', does: 'Leaves the events behind, and lets those of their keys go on that wait.' },
  purge: { title: 'Purge', does: 'Deletes the events for good. They do not come back.' },
  'retry-now': { title: 'Retry now', does: 'Makes the next attempt at the events now, in the order of their keys.' },
  'give-up': { title: 'Give up', does: 'Makes dead letters of the events, and lets those behind them go on.' },
  cancel: { title: 'Cancel', does: 'Cancels the jobs. A running one ends as soon as its function does.' },
};

const DANGEROUS: ReadonlySet<OperationAction> = new Set(['purge', 'skip', 'give-up', 'cancel']);

export function isDangerous(action: OperationAction): boolean {
  return DANGEROUS.has(action);
}

export function verbFor(action: OperationAction): Verb {
  return action === 'purge' || action === 'edit' ? 'administer' : 'operate';
}

export function toneOf({ state, problem, refused, inDoubt }: OperationReport): Tone {
  if (state === 'failed') return 'bad';
  if (problem !== undefined || state === 'paused' || state === 'stopped') return 'warn';
  if (state === 'running' || state === 'planned' || state === 'stopping') return 'busy';
  return refused + inDoubt > 0 ? 'warn' : 'good';
}
