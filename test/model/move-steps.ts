// Keeping the parking log short, in the model: claim anew, move what is open behind the
// new claim, trim up to it.

import { itemOf } from './attempt-steps.ts';
import type { ModelBounds } from './bounds.ts';
import { commitOf } from './owner-memory.ts';
import { land, parkOf } from './records.ts';
import type { Rules } from './rules.ts';
import type { Owner, State } from './state.ts';
import type { StepMaker } from './step.ts';

export function moveSteps(state: State, owner: Owner, bounds: ModelBounds, rules: Rules, step: StepMaker): void {
  const claims = state.parkingLog.filter(({ type }) => type === 'claim').length;
  const isIdle = owner.reclaim === -1 && owner.pending.length === 0 && !(owner.seen >> owner.source);
  if (isIdle && claims < bounds.claims && state.parkingLog.length < bounds.parkingLog) {
    step('claims anew', (next, copy) => {
      copy.reclaim = next.parkingLog.length;
      const { position, top, holes } = commitOf(copy, rules);
      land(next, { type: 'claim', nonce: '', checkpoint: { position, top, holes } });
      return '';
    });
  }
  for (const entry of owner.parkingLog.entries.values()) {
    const { event, generation, attempts, mark, death, deadLettered } = entry;
    const item = owner.items.find(each => each.offset === event);
    if (item === undefined || item.pending > 0 || mark.offset >= owner.claim || owner.reclaim !== -1) continue;
    step(`moves ${event}`, (_, copy, write) => {
      itemOf(copy, event).pending++;
      write(parkOf(event, { generation, attempts, hold: death && { ...death, deadLettered } }), true);
      return '';
    });
  }
  const commit = rules.parse(state.position);
  // The product trims after a commit of its own has become durable; others
  // may have committed since.
  const own = state.parkingLog[owner.claim];
  const isChecked = own?.type === 'claim' && own.checkpoint !== undefined;
  if (isChecked && state.trim < owner.claim && commit.by === owner.claim && commit.parkingLog.offset >= owner.claim) {
    step('trims', next => {
      next.trim = Math.max(next.trim, rules.trimPoint(owner.claim, commit));
      return '';
    });
  }
}
