// What to do next about a command, from what the lot and the lanes say of its event. Pure; the model checks it.
import type { Entry } from '../../lot/fold-lot.ts';
import type { Command } from '../../lot/lot-record.ts';
import type { RuledItem } from '../lanes/lane-rules.ts';

/**
 * `tell`: its effect is in the lot; tell those who list dead letters, then confirm. `nothing`: confirm. `wait`: until something changes for its
 * event. `look-up`: whether its letter was decided about since. `flag`: the event is being attempted; give it up unless it is handled. `give-up`,
 * `redrive`: write just that.
 */
export type CommandStep = 'tell' | 'nothing' | 'wait' | 'look-up' | 'flag' | 'give-up' | 'redrive';

export interface CommandFacts {
  /** Its effect is in the lot. */
  readonly acted: boolean;
  /** What the lot holds of its event. */
  readonly entry: Pick<Entry, 'state' | 'generation'> | undefined;
  /** Its event in its lane. */
  readonly item: RuledItem | undefined;
  readonly running: boolean;
  /** The source has been read past its event. */
  readonly hasRead: boolean;
  /** Another redrive or purge of its event is open that came before it, or is in the lot already: only then is it known what was decided. */
  readonly isBehind: boolean;
  /** Its letter was redriven or purged since it was asked for; undefined: not known yet. */
  readonly decided: boolean | undefined;
}

export function stepOf({ verb, generation }: Pick<Command, 'verb' | 'generation'>, facts: CommandFacts): CommandStep {
  const { acted, entry, item, running, hasRead, isBehind, decided } = facts;
  if (acted) return 'tell';
  if (verb === 'cancel') {
    if (item === undefined) return entry?.state === 'dead' || hasRead ? 'nothing' : 'wait';
    if (running) return 'flag';
    return item.pending > 0 ? 'wait' : 'give-up';
  }
  if (entry && entry.generation > generation) return 'nothing';
  if (entry?.state === 'dead' || (item && item.pending > 0)) return 'wait';
  if (item && item.state !== 'held') return 'nothing';
  if (item) return verb === 'redrive' ? 'redrive' : 'give-up';
  if (verb === 'redrive') {
    if (isBehind) return 'wait';
    if (decided === undefined) return 'look-up';
    return decided ? 'nothing' : 'redrive';
  }
  return verb === 'purge' ? 'tell' : 'nothing';
}
