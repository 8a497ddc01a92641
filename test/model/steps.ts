// Everything that can happen next in a state of the model: owners come, take over, work and die;
// people give commands; records come twice.

import { composeCommit, parseCommit } from '../../worker/parking-log/commit.ts';
import { createParkingLogState, PARKING_LOG_START } from '../../worker/parking-log/fold-parking-log.ts';
import { activeSteps } from './active-steps.ts';
import type { ModelBounds } from './bounds.ts';
import { deadOf, eventOf, land, parkOf } from './records.ts';
import type { Rules } from './rules.ts';
import { cloneState, type Owner, type State } from './state.ts';
import type { Step } from './step.ts';
import { takeOverSteps } from './take-over-steps.ts';

export function firstState(bounds: ModelBounds): State {
  const empty: State = {
    parkingLog: [],
    trim: 0,
    position: { offset: 0, metadata: '' },
    owners: [],
    handled: 0,
    dead: 0,
    letters: 0,
    marks: 0,
    repeats: bounds.repeats ?? 0,
    given: 0,
    truth: createParkingLogState(PARKING_LOG_START),
  };
  if (bounds.parked) {
    land(empty, { type: 'claim', nonce: '' });
    land(empty, { ...parkOf(0, { generation: 0, attempts: 1 }), claim: 0, seq: 1 });
    empty.position = { offset: 1, metadata: 'v1 by=0 parked=1 claim=0 seq=1 top=1 holes=' };
  }
  if (bounds.deadLettered) {
    const event = bounds.keys.length - 1;
    const body = { record: eventOf(event), claim: 0 };
    land(empty, { type: 'claim', nonce: '' });
    land(empty, { ...deadOf(event, { generation: 0, attempts: 1, held: false }), ...body, seq: 1 });
    land(empty, { type: 'dead-lettered', event, generation: 0, held: false, claim: 0, seq: 2 });
    empty.letters = 1 << event;
    const parkingLog = { offset: 3, claim: 0, seq: 3 };
    const holes = [...bounds.keys.keys()].slice(0, event);
    if (bounds.deadLettered === 'told')
      empty.position = composeCommit({ position: holes[0] ?? 0, top: event + 1, holes, parkingLog, by: 0 }).position;
  }
  return empty;
}

export function successors(state: State, bounds: ModelBounds, rules: Rules, out: Step[]): void {
  const claims = state.parkingLog.filter(({ type }) => type === 'claim').length;
  if (claims < bounds.claims && state.parkingLog.length < bounds.parkingLog) {
    const next = cloneState(state);
    next.owners.push(newOwner(state, bounds));
    land(next, { type: 'claim', nonce: '' });
    out.push({ label: 'a new owner claims', state: next, broken: '' });
  }
  for (const [index, command] of (bounds.commands ?? []).entries()) {
    if ((state.given >> index) & 1 || state.parkingLog.length >= bounds.parkingLog) continue;
    const next = cloneState(state);
    next.given |= 1 << index;
    land(next, { type: 'command', ...command });
    out.push({ label: `somebody asks: ${command.verb} ${command.event}`, state: next, broken: '' });
  }
  if (state.repeats > 0 && state.parkingLog.length < bounds.parkingLog) repeatSteps(state, out);
  for (const [index, owner] of state.owners.entries()) {
    const name = `owner ${owner.claim}`;
    const next = cloneState(state);
    next.owners.splice(index, 1);
    out.push({ label: `${name} dies`, state: next, broken: '' });
    if (owner.phase === 'active') activeSteps(state, index, name, bounds, rules, out);
    else takeOverSteps(state, index, name, bounds, rules, out);
  }
}

/** An old record of anybody arrives once more: an append that seemed lost was only late. */
function repeatSteps(state: State, out: Step[]): void {
  for (const [offset, record] of state.parkingLog.entries()) {
    if (record.type === 'claim' || record.type === 'command') continue;
    const next = cloneState(state);
    next.repeats--;
    land(next, record);
    out.push({ label: `record ${offset} arrives once more`, state: next, broken: '' });
  }
}

function newOwner({ parkingLog, dead }: State, bounds: ModelBounds): Owner {
  return {
    phase: 'claimed',
    claim: parkingLog.length,
    reclaim: -1,
    read: 0,
    parkingLog: createParkingLogState(PARKING_LOG_START),
    begun: parseCommit(undefined),
    seen: 0,
    dead,
    source: 0,
    done: 0,
    items: [],
    pending: [],
    seq: 1,
    highest: [...new Set(bounds.keys)].map(() => -1),
  };
}
