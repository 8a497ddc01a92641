// How a new owner of the model takes over: reads the commit, replays the parking log piece by
// piece, stops when it is too late.

import { committedOffsetsOf } from '../../worker/parking-log/committed-offsets.ts';
import { createParkingLogState, foldRecord, PARKING_LOG_START } from '../../worker/parking-log/fold-parking-log.ts';
import type { ModelBounds } from './bounds.ts';
import { show } from './check.ts';
import type { Rules } from './rules.ts';
import { cloneState, type ModelItem, type Owner, type State } from './state.ts';
import type { Step } from './step.ts';

export function takeOverSteps(
  state: State,
  index: number,
  name: string,
  bounds: ModelBounds,
  rules: Rules,
  out: Step[],
): void {
  const owner = state.owners[index];
  if (owner === undefined) return;
  if (owner.phase === 'claimed') {
    const commit = rules.parse(state.position);
    const next = cloneState(state, index);
    if (rules.tooLate(commit, owner.claim)) {
      next.owners.splice(index, 1);
      out.push({ label: `${name} finds a commit under a newer claim`, state: next, broken: '' });
      return;
    }
    const copy = ownerOf(next, index);
    copy.phase = 'replaying';
    copy.begun = commit;
    copy.read = Math.min(commit.parkingLog.offset, owner.claim);
    copy.parkingLog = createParkingLogState(commit.parkingLog);
    out.push({ label: `${name} reads the commit`, state: next, broken: '' });
    return;
  }
  const end = rules.replayEnd(owner.claim, owner.begun);
  if (state.trim > owner.claim && rules.stopsWithoutClaim) {
    const next = cloneState(state, index);
    next.owners.splice(index, 1);
    out.push({ label: `${name} does not find its own claim`, state: next, broken: '' });
    return;
  }
  // All at once, or, where the parking log may be trimmed meanwhile, one record and
  // then perhaps later the rest.
  replay(state, index, end, `${name} replays the parking log and takes over`, bounds, rules, out);
  if (bounds.moves && Math.max(owner.read, state.trim) + 1 < end) {
    replay(state, index, Math.max(owner.read, state.trim) + 1, `${name} replays one record`, bounds, rules, out);
  }
}

function replay(
  state: State,
  index: number,
  to: number,
  label: string,
  bounds: ModelBounds,
  rules: Rules,
  out: Step[],
): void {
  const next = cloneState(state, index);
  const owner = ownerOf(next, index);
  if (rules.isRestart(owner.read, state.trim)) {
    owner.begun = rules.restart(owner.begun, state.trim, state.parkingLog[state.trim]);
    owner.parkingLog = createParkingLogState(owner.begun.parkingLog);
  }
  for (let offset = Math.max(owner.read, state.trim); offset < to; offset++) {
    const record = state.parkingLog[offset];
    if (record === undefined) continue;
    const verdict = rules.foldRecord(owner.parkingLog, offset, record);
    if (verdict === 'counts' && 'event' in record && rules.seenIsDone) owner.seen |= 1 << record.event;
  }
  owner.read = Math.max(owner.read, to);
  const end = rules.replayEnd(owner.claim, owner.begun);
  let broken = '';
  if (owner.read >= end) {
    broken = compareToTruth(state, owner);
    begin(owner, bounds);
  }
  out.push({ label, state: next, broken });
}

/** An owner begins with exactly what the parking log says up to its claim. */
function compareToTruth(state: State, owner: Owner): string {
  const truth = createParkingLogState(PARKING_LOG_START);
  for (const [offset, record] of state.parkingLog.slice(0, owner.claim).entries()) foldRecord(truth, offset, record);
  const found = show(owner.parkingLog);
  const said = show(truth);
  return found === said ? '' : `R: owner ${owner.claim} begins with [${found}], the parking log says [${said}]`;
}

function begin(owner: Owner, bounds: ModelBounds): void {
  const { begun, parkingLog } = owner;
  const told = committedOffsetsOf(begun);
  owner.done = owner.seen;
  for (let event = 0; event < bounds.keys.length; event++) if (told.isDone(event)) owner.done |= 1 << event;
  parkingLog.claim = owner.claim;
  parkingLog.seq = 1;
  owner.phase = 'active';
  owner.read = owner.claim + 1;
  owner.source = begun.position;
  owner.items = [...parkingLog.entries.values()]
    .filter(({ state }) => state !== 'dead')
    .map<ModelItem>(({ event, attempts, generation, state }) => ({
      offset: event,
      key: bounds.keys[event] ?? 0,
      state: state === 'held' ? 'held' : 'parked',
      pending: 0,
      attempts,
      generation,
      parked: true,
      running: '',
      cancelledBy: -1,
    }))
    .sort((a, b) => a.offset - b.offset);
}

export function ownerOf(state: State, index: number): Owner {
  const owner = state.owners[index];
  if (owner === undefined) throw new Error('no such owner');
  return owner;
}
