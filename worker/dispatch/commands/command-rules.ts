// Decides the next step of a command from what the parking log and the lanes know of its event.
// Pure; the model checks it.
import type { ParkingLogEntry } from '../../parking-log/fold-parking-log.ts';
import type { Command } from '../../parking-log/parking-log-record.ts';
import type { RuledItem } from '../lanes/attempt-rules.ts';

/**
 * `tell`: the effect is in the parking log; tell the indexes of dead letters, then confirm.
 * `nothing`: confirm. `wait`: wait until something changes for the event. `look-up`: find out
 * whether somebody has decided about the letter since. `flag`: the event is being attempted; give
 * it up unless the attempt succeeds. `give-up`, `redrive`: write just that.
 */
export type CommandStep = 'tell' | 'nothing' | 'wait' | 'look-up' | 'flag' | 'give-up' | 'redrive';

export interface CommandFacts {
  /** Its effect is in the parking log. */
  readonly acted: boolean;
  /** The entry of the event in the parking log. */
  readonly entry: Pick<ParkingLogEntry, 'state' | 'generation'> | undefined;
  /** Its event in its lane. */
  readonly item: RuledItem | undefined;
  readonly running: boolean;
  /** The source has been read past its event. */
  readonly hasRead: boolean;
  /**
   * Another redrive or purge of the event is open that came before it, or is in the parking log
   * already. Its decision is known only when it has ended.
   */
  readonly isBehind: boolean;
  /** Its letter was redriven or purged since the command; undefined: not known yet. */
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
