// What an active owner of the model can do next: read the parking log and the source, attempt,
// settle, write a dead letter, obey, move, trim, commit.

import { attemptSteps } from './attempt-steps.ts';
import type { ModelBounds } from './bounds.ts';
import { commandSteps, deadLetteredSteps } from './command-steps.ts';
import { moveSteps } from './move-steps.ts';
import { commitOf, readBack } from './owner-memory.ts';
import { land, type Unsigned } from './records.ts';
import type { Rules } from './rules.ts';
import { cloneState, type ModelItem, type Owner, type State } from './state.ts';
import type { Step } from './step.ts';
import { followAll, type StepMaker, type Write } from './step.ts';
import { ownerOf } from './take-over-steps.ts';

export function activeSteps(
  state: State,
  index: number,
  name: string,
  bounds: ModelBounds,
  rules: Rules,
  out: Step[],
): void {
  const owner = ownerOf(state, index);
  const step: StepMaker = (label, act) => {
    const next = cloneState(state, index);
    const writes: [Unsigned, boolean][] = [];
    const broken = act(next, ownerOf(next, index), (record, moved = false) => writes.push([record, moved]));
    for (const [fate, result] of landings(next, index, writes, bounds, rules)) {
      out.push({ label: `${name} ${label}${fate}`, state: result, broken });
    }
  };
  if (owner.read < state.parkingLog.length) {
    const label = `${name} reads ${owner.read} of the parking log`;
    out.push({ label, state: readParkingLog(state, index, rules), broken: '' });
  }
  const fresh = owner.items.filter(({ state }) => state === 'fresh').length;
  const { room = Number.POSITIVE_INFINITY } = bounds;
  if (owner.source < bounds.keys.length && rules.mayRead({ fresh, room, parked: owner.items.length - fresh }))
    step(`reads event ${owner.source}`, (_, copy, write) => readSource(copy, bounds, rules, write));
  attemptSteps(owner, bounds, rules, step);
  commandSteps(state, owner, bounds, rules, step);
  deadLetteredSteps(owner, step);
  if (bounds.repeats) appendAgain(state, owner, bounds, step);
  if (bounds.moves) moveSteps(state, owner, bounds, rules, step);
  step('commits', (next, copy) => {
    next.position = rules.compose(commitOf(copy, rules));
    return '';
  });
}

/**
 * What was written is signed and appended, all in one; or, where records
 * may be missing, not at all.
 */
function landings(
  state: State,
  index: number,
  writes: readonly [Unsigned, boolean][],
  bounds: ModelBounds,
  rules: Rules,
): [string, State][] {
  if (writes.length === 0) return [['', state]];
  // While a new claim is on its way nothing is appended: the model leaves such steps out.
  if (ownerOf(state, index).reclaim !== -1 || state.parkingLog.length + writes.length > bounds.parkingLog) return [];
  const all: [string, State][] = [];
  for (const isLost of state.repeats > 0 ? [false, true] : [false]) {
    const next = cloneState(state, index);
    const owner = ownerOf(next, index);
    if (isLost) next.repeats--;
    for (const [unsigned, moved] of writes) {
      const record = { ...unsigned, claim: owner.claim, seq: owner.seq++ };
      if (!isLost) land(next, record);
      owner.pending.push({ record, moved });
      if (rules.doneWhenWritten && record.type === 'park') owner.done |= 1 << record.event;
      if (!isLost && rules.countsAtOnce(record, moved)) {
        owner.pending.pop();
        readBack(owner, record);
      }
    }
    all.push([isLost ? ', which does not arrive' : '', next]);
  }
  return all;
}

function readParkingLog(state: State, index: number, rules: Rules): State {
  const next = cloneState(state, index);
  const owner = ownerOf(next, index);
  const offset = owner.read++;
  const record = state.parkingLog[offset];
  if (record === undefined) return next;
  const verdict = rules.foldRecord(owner.parkingLog, offset, record);
  if (record.type === 'claim') {
    if (owner.reclaim !== offset) next.owners.splice(index, 1);
    else Object.assign(owner, { claim: offset, reclaim: -1, seq: 1 });
  } else if (verdict === 'counts' && record.type !== 'command' && record.claim === owner.claim) {
    const first = owner.pending[0];
    if (first) {
      owner.pending.shift();
      readBack(owner, first.record);
    }
  }
  return next;
}

function readSource(owner: Owner, bounds: ModelBounds, rules: Rules, write: Write): string {
  const event = owner.source++;
  const key = bounds.keys[event] ?? 0;
  if ((owner.done >> event) & 1 || owner.items.some(({ offset }) => offset === event)) return '';
  const item: ModelItem = {
    offset: event,
    key,
    state: 'fresh',
    pending: 0,
    attempts: 0,
    generation: 0,
    parked: false,
    running: '',
    cancelledBy: -1,
  };
  owner.items = [...owner.items, item].sort((a, b) => a.offset - b.offset);
  followAll(owner, key, rules, write);
  return '';
}

/**
 * What has not come back is appended again, as it was: its owner does not know whether it arrived.
 */
function appendAgain(state: State, owner: Owner, bounds: ModelBounds, step: StepMaker): void {
  if (
    owner.pending.length === 0 ||
    state.parkingLog.length + owner.pending.length > bounds.parkingLog ||
    owner.reclaim !== -1
  )
    return;
  const missing = owner.pending.some(({ record }) => !state.parkingLog.includes(record));
  if (!missing) return;
  step('appends again what has not come back', (next, copy) => {
    for (const { record } of copy.pending) land(next, record);
    return '';
  });
}
