// Decides the next step of a command from what the parking log and the lanes know of its event.
// Pure; the model checks it.
import type { ParkingLogEntry } from '../../parking-log/fold-parking-log.ts';
import { type Command, type CommandOutcome, commandVerbs } from '../../parking-log/parking-log-record.ts';
import type { RuledItem } from '../lanes/attempt-rules.ts';

/**
 * `tell`: the effect is in the parking log; tell the indexes of dead letters, then confirm.
 * `nothing`: confirm. `wait`: wait until something changes for the event. `look-up`: find out
 * whether somebody has decided about the letter since. `flag`: the event is being attempted; give
 * it up unless the attempt succeeds. `give-up`, `redrive`, `retry`: write just that.
 */
export type CommandStep = 'tell' | 'nothing' | 'wait' | 'look-up' | 'flag' | 'give-up' | 'redrive' | 'retry';

export interface CommandFacts {
  /** Its effect is in the parking log. */
  readonly acted: boolean;
  /** The entry of the event in the parking log. */
  readonly entry: Pick<ParkingLogEntry, 'state' | 'generation' | 'since'> | undefined;
  /** Its event in its lane. */
  readonly item: RuledItem | undefined;
  readonly running: boolean;
  /** No earlier event of its lane is open. */
  readonly isFirst: boolean;
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

type Ordered = Pick<Command, 'verb' | 'generation' | 'parkedAs'>;

const KNOWN: ReadonlySet<string> = new Set(commandVerbs);

export function stepOf(command: Ordered, facts: CommandFacts): CommandStep {
  const { verb, generation } = command;
  const { acted, entry, item, running, hasRead, isBehind, decided } = facts;
  if (acted) return 'tell';
  // A verb of a later release may mean anything.
  if (!KNOWN.has(verb)) return 'nothing';
  if (verb === 'retry' || verb === 'give-up') return stepOfParked(command, facts);
  if (verb === 'cancel') {
    if (item === undefined) return entry?.state === 'dead' || hasRead ? 'nothing' : 'wait';
    if (running) return 'flag';
    return item.pending > 0 ? 'wait' : 'give-up';
  }
  if (entry && entry.generation > generation) return 'nothing';
  if (entry?.state === 'dead' || (item && item.pending > 0)) return 'wait';
  if (item && item.state !== 'held') return 'nothing';
  if (item && verb === 'redrive') return 'redrive';
  if (!item && verb === 'skip') return 'nothing';
  // The order that came first counts: its sender has been told so.
  if (isBehind) return 'wait';
  if (item) return 'give-up';
  if (decided === undefined) return 'look-up';
  if (decided) return 'nothing';
  return verb === 'redrive' ? 'redrive' : 'tell';
}

function stepOfParked(command: Ordered, facts: CommandFacts): CommandStep {
  if (outcomeOf(command, facts) !== 'done') return 'nothing';
  if (facts.running) return 'flag';
  if (facts.item && facts.item.pending > 0) return 'wait';
  return command.verb === 'retry' ? 'retry' : 'give-up';
}

/** The outcome of a confirmed command; undefined where its sender is not told. */
export function outcomeOf({ verb, parkedAs }: Ordered, facts: CommandFacts): CommandOutcome | undefined {
  const { acted, entry, item, running, isFirst, decided } = facts;
  if (!KNOWN.has(verb)) return 'unknown';
  if (verb === 'cancel') return undefined;
  if (acted) return 'done';
  // A purge of what nobody has decided about counts without an effect in the parking log.
  if (verb === 'redrive' || verb === 'skip' || verb === 'purge') return decided === false ? 'done' : 'overtaken';
  if (entry === undefined || item === undefined || entry.generation !== parkedAs) return 'ended';
  if (entry.state !== 'parked') return entry.state === 'held' ? 'held' : 'ended';
  if (verb === 'give-up') return 'done';
  if (running) return 'running';
  if (!isFirst) return 'not-first';
  return entry.since === undefined ? 'not-failed' : 'done';
}
