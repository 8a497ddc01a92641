// What must hold in every state: what a fresh owner would find, from what is durable alone.

import { committedOffsetsOf } from '../../worker/parking-log/committed-offsets.ts';
import {
  createParkingLogState,
  foldRecord as foldTruth,
  judgeRecord,
  PARKING_LOG_START,
  type ParkingLogState,
} from '../../worker/parking-log/fold-parking-log.ts';
import type { ModelBounds } from './bounds.ts';
import type { Rules } from './rules.ts';
import type { State } from './state.ts';

function recover(state: State, rules: Rules): { readonly parkingLog: ParkingLogState; readonly done: number } {
  let commit = rules.parse(state.position);
  if (rules.isRestart(commit.parkingLog.offset, state.trim))
    commit = rules.restart(commit, state.trim, state.parkingLog[state.trim]);
  const told = committedOffsetsOf(commit);
  let done = 0;
  for (let event = 0; event < 16; event++) if (told.isDone(event)) done |= 1 << event;
  const parkingLog = createParkingLogState(commit.parkingLog);
  for (let offset = Math.max(commit.parkingLog.offset, state.trim); offset < state.parkingLog.length; offset++) {
    const record = state.parkingLog[offset];
    if (record === undefined) continue;
    const verdict = rules.foldRecord(parkingLog, offset, record);
    if (verdict === 'counts' && 'event' in record) done |= 1 << record.event;
  }
  return { parkingLog, done };
}

/** What is broken; '' when nothing is. */
export function check(state: State, bounds: ModelBounds, rules: Rules): string {
  const { parkingLog, done } = recover(state, rules);
  for (let event = 0; event < bounds.keys.length; event++) {
    const settled = ((state.handled | state.dead) >> event) & 1;
    if (!settled && (done >> event) & 1 && !parkingLog.entries.has(event)) {
      return `A: event ${event} is neither handled nor dead, and a fresh owner would never see it`;
    }
    const deadLettered = !((state.dead >> event) & 1) || (state.letters >> event) & 1 || parkingLog.entries.has(event);
    if (!deadLettered) return `D: event ${event} is dead, has no letter, and a fresh owner would not write one`;
  }
  const found = show(parkingLog);
  const truth = show(state.truth);
  if (found !== truth) return `R: a fresh owner would find [${found}], the log says [${truth}]`;
  return effects(state);
}

export function show({ entries, commands }: ParkingLogState): string {
  const events = [...entries.values()].map(
    ({ event, attempts, state, generation }) => `${event} ${state} ×${attempts} g${generation}`,
  );
  const open = [...commands].map(([offset, { acted }]) => `command ${offset}${acted ? ' acted' : ''}`);
  return [...events.sort(), ...open].join(', ');
}

/** A command has one effect, whoever carries it out. */
function effects({ parkingLog, truth }: State): string {
  if (!parkingLog.some(({ type }) => type === 'command')) return '';
  const fold = createParkingLogState(PARKING_LOG_START);
  const acted = new Set<number>();
  const redriven = new Map<number, number>();
  for (const [offset, record] of parkingLog.entries()) {
    const before = new Map(fold.commands);
    if (record.type === 'park' && record.command !== undefined && judgeRecord(fold, record) === 'counts') {
      const generation = fold.entries.get(record.event)?.generation ?? -1;
      if (generation >= record.generation)
        return `C: event ${record.event} is redriven by a command about an earlier generation`;
      if ((redriven.get(record.event) ?? 0) >= record.generation)
        return `C: event ${record.event} is redriven twice as generation ${record.generation}`;
      redriven.set(record.event, record.generation);
    }
    foldTruth(fold, offset, record);
    for (const [command, open] of fold.commands) {
      if (!open.acted || open === before.get(command)) continue;
      if (acted.has(command)) return `C: the command at ${command} was carried out twice`;
      acted.add(command);
    }
  }
  return truth.claim === fold.claim ? '' : 'the truth is not what the parking log says';
}
