// What must hold in every state: what a fresh owner would find, from what is durable alone.
import { createLotState, foldRecord as foldTruth, judge, LOT_START, type LotState } from '../../worker/lot/fold-lot.ts';
import { createTold } from '../../worker/lot/told.ts';
import type { ModelBounds } from './bounds.ts';
import type { Rules } from './rules.ts';
import type { State } from './state.ts';

function recover(state: State, rules: Rules): { readonly lot: LotState; readonly done: number } {
  let commit = rules.parse(state.position);
  if (rules.isRestart(commit.lot.offset, state.trim)) commit = rules.restart(commit, state.trim, state.lot[state.trim]);
  const told = createTold(commit);
  let done = 0;
  for (let event = 0; event < 16; event++) if (told.isDone(event)) done |= 1 << event;
  const lot = createLotState(commit.lot);
  for (let offset = Math.max(commit.lot.offset, state.trim); offset < state.lot.length; offset++) {
    const record = state.lot[offset];
    if (record === undefined) continue;
    const verdict = rules.foldRecord(lot, offset, record);
    if (verdict === 'counts' && 'event' in record) done |= 1 << record.event;
  }
  return { lot, done };
}

/** What is broken; '' when nothing is. */
export function check(state: State, bounds: ModelBounds, rules: Rules): string {
  const { lot, done } = recover(state, rules);
  for (let event = 0; event < bounds.keys.length; event++) {
    const settled = ((state.handled | state.dead) >> event) & 1;
    if (!settled && (done >> event) & 1 && !lot.entries.has(event)) {
      return `A: event ${event} is neither handled nor dead, and a fresh owner would never see it`;
    }
    const buried = !((state.dead >> event) & 1) || (state.letters >> event) & 1 || lot.entries.has(event);
    if (!buried) return `D: event ${event} is dead, has no letter, and a fresh owner would not write one`;
  }
  const found = show(lot);
  const truth = show(state.truth);
  if (found !== truth) return `R: a fresh owner would find [${found}], the log says [${truth}]`;
  return effects(state);
}

export function show({ entries, commands }: LotState): string {
  const events = [...entries.values()].map(
    ({ event, attempts, state, generation }) => `${event} ${state} ×${attempts} g${generation}`,
  );
  const open = [...commands].map(([offset, { acted }]) => `command ${offset}${acted ? ' acted' : ''}`);
  return [...events.sort(), ...open].join(', ');
}

/** A command has one effect, whoever carries it out. */
function effects({ lot, truth }: State): string {
  if (!lot.some(({ type }) => type === 'command')) return '';
  const fold = createLotState(LOT_START);
  const acted = new Set<number>();
  const redriven = new Map<number, number>();
  for (const [offset, record] of lot.entries()) {
    const before = new Map(fold.commands);
    if (record.type === 'park' && record.command !== undefined && judge(fold, record) === 'counts') {
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
  return truth.claim === fold.claim ? '' : 'the truth is not what the lot says';
}
