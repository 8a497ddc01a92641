// Commands and burials in the model: an owner does what the rules say about
// each, one step at a time.

import { giveUp, itemOf } from './attempt-steps.ts';
import type { ModelBounds } from './bounds.ts';
import { laneOf } from './owner-memory.ts';
import { parkOf } from './records.ts';
import type { Rules } from './rules.ts';
import { markOf, type Owner, type State } from './state.ts';
import type { StepMaker } from './step.ts';

export function commandSteps(state: State, owner: Owner, bounds: ModelBounds, rules: Rules, step: StepMaker): void {
  const decides = (verb: string) => verb === 'redrive' || verb === 'purge';
  for (const [offset, { command, acted }] of owner.parkingLog.commands) {
    const { event, generation } = command;
    const entry = owner.parkingLog.entries.get(event);
    const item = owner.items.find(each => each.offset === event);
    const running = item !== undefined && item.running !== '';
    const isUnderWay = owner.pending.some(({ record }) => 'command' in record && record.command === offset);
    if (isUnderWay || item?.cancelledBy === offset) continue;
    const isBehind = [...owner.parkingLog.commands].some(
      ([other, open]) =>
        open.command.event === event &&
        decides(open.command.verb) &&
        (other < offset || (other !== offset && open.acted)),
    );
    const decided = (state.marks & markOf(event, generation)) !== 0;
    const hasRead = event < owner.source;
    const isFirst = item !== undefined && laneOf(owner, item.key).items[0]?.offset === event;
    const facts = { acted, entry, item, running, isFirst, hasRead, isBehind, decided };
    const next = rules.stepOf(command, facts);
    const label = `${next === 'give-up' ? 'gives up' : next} ${event} for the command at ${offset}`;
    if (next === 'wait') continue;
    step(label, (after, copy, write) => {
      if (next === 'tell' || next === 'nothing') {
        if (next === 'tell' && decides(command.verb)) after.marks |= markOf(event, generation);
        write({ type: 'acked', command: offset });
      } else if (next === 'redrive') {
        const held = copy.items.find(each => each.offset === event);
        if (held) held.pending++;
        else addRedriven(copy, event, bounds.keys[event] ?? 0, generation);
        write(parkOf(event, { generation: generation + 1, attempts: 0, command: offset }));
      } else if (next === 'retry') {
        const { attempts } = itemOf(copy, event);
        itemOf(copy, event).pending++;
        write({ type: 'retry', event, attempts, at: 0, wait: 0, command: offset });
      } else {
        const cancelled = itemOf(copy, event);
        if (next === 'flag') cancelled.cancelledBy = offset;
        else giveUp(cancelled, cancelled.attempts, offset, false, write);
      }
      return '';
    });
  }
}

function addRedriven(owner: Owner, event: number, key: number, generation: number): void {
  owner.items = [
    ...owner.items,
    {
      offset: event,
      key,
      state: 'parked' as const,
      pending: 1,
      attempts: 0,
      generation: generation + 1,
      parked: true,
      running: '' as const,
      cancelledBy: -1,
    },
  ].sort((a, b) => a.offset - b.offset);
}

/** The letter goes to its topic, then its confirmation to the parking log. */
export function deadLetteredSteps(owner: Owner, step: StepMaker): void {
  for (const { event, generation, state, deadLettered } of owner.parkingLog.entries.values()) {
    const isUnderWay = owner.pending.some(({ record }) => record.type === 'dead-lettered' && record.event === event);
    if (isUnderWay || state === 'parked' || (state === 'held' && deadLettered)) continue;
    step(`buries ${event}`, (next, _, write) => {
      if (state === 'dead') next.letters |= 1 << event;
      write({ type: 'dead-lettered', event, generation, held: state === 'held' });
      return '';
    });
  }
}
