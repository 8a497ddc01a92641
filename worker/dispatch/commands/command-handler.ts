// Carries out commands of people for single events: redrive, skip, purge, cancel, retry, give up.
// It acts only on commands that the parking log does not show as done, and confirms them there.
import { isOfLaterRelease } from '../../../core/stored-version.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { OpenCommand, ParkingLogState } from '../../parking-log/fold-parking-log.ts';
import type { Command, CommandOutcome, CommandVerb, OwnersRecord } from '../../parking-log/parking-log-record.ts';
import { encodeMark } from '../dead-letters/dead-letter-codec.ts';
import { DecidedLetters } from '../dead-letters/decided-letters.ts';
import { readLetter } from '../dead-letters/read-letter.ts';
import { Fifo } from '../fifo.ts';
import type { LaneItem, Lanes } from '../lanes/lanes.ts';
import type { PartitionContext } from '../partition-context.ts';
import { tryAgain } from '../try-again.ts';
import type { ParkingLogSteps } from '../writes/parking-log-steps.ts';
import { type CommandFacts, outcomeOf, stepOf } from './command-rules.ts';
import { addTo, takeFrom } from './offset-lists.ts';
import { RedriveQueue } from './redrive-queue.ts';

export interface CommandHandlerOptions {
  readonly context: PartitionContext;
  readonly partition: number;
  readonly state: ParkingLogState;
  readonly lanes: Lanes;
  readonly steps: ParkingLogSteps;
  readonly signal: AbortSignal;
  readonly write: (record: OwnersRecord, applied: () => void) => void;
  readonly trouble: (error: unknown) => void;
  /** Whether the source has been read past this offset. */
  readonly hasRead: (offset: number) => boolean;
  /** Whether the parking log takes more records. */
  readonly hasRoom: () => boolean;
}

/** The outcome of the look-up for a redrive or a purge. */
interface Found {
  /** Its letter was decided about since the command. */
  readonly decided: boolean;
  readonly letter: LogRecord | undefined;
}

/**
 * `written`: its effect is on its way to the parking log. `left`: to an owner of a later release.
 */
type Step = 'tell' | 'nothing' | 'wait' | 'written' | 'left';

const MOST_AT_ONCE = 32;

/** The reasons of commands that give up an event which was not given up before. */
const ENDINGS: Partial<Record<CommandVerb, 'cancelled' | 'abandoned'>> = {
  cancel: 'cancelled',
  'give-up': 'abandoned',
};

export class CommandHandler {
  readonly #options: CommandHandlerOptions;
  readonly #waiting = new Fifo<number>();
  /** Redrives that are not in the parking log yet. */
  readonly #redrives: RedriveQueue;
  /** Letters of the next of them, read in one go, as logs give neighbouring records faster so. */
  readonly #letters = new Map<number, Promise<LogRecord | undefined>>();
  /** By event: commands that go on when something changes for it. */
  readonly #later = new Map<number, number[]>();
  /** By event: redrives and purges that are open, ascending. */
  readonly #deciding = new Map<number, number[]>();
  readonly #decided: DecidedLetters;
  /** Outcomes of the commands that are about to be confirmed. */
  readonly #outcomes = new Map<number, CommandOutcome>();
  /** Events whose fate an owner of a later release must decide. */
  readonly #left = new Set<number>();
  #busy = 0;

  constructor(options: CommandHandlerOptions) {
    const { context, partition, state, lanes, hasRoom } = options;
    this.#options = options;
    this.#redrives = new RedriveQueue({
      commands: state.commands,
      isHeld: event => lanes.inParkingLog.get(event)?.state === 'held',
      hasRoom,
      begin: offset => this.#waiting.push(offset),
    });
    this.#decided = new DecidedLetters(context.log, context.deadTopic, partition);
  }

  /** Offset in the parking log of a command that has come, or that the replay found. */
  add(offset: number): void {
    const open = this.#options.state.commands.get(offset);
    if (open && decides(open.command)) addTo(this.#deciding, open.command.event, offset);
    if (open?.command.verb === 'redrive' && !open.acted) this.#redrives.add(offset);
    else this.#waiting.push(offset);
    this.#next();
  }

  /** Something has changed for the event: it was read, it went on, its dead letter was written. */
  review(event: number): void {
    if (this.#later.size === 0) return;
    const offsets = this.#later.get(event);
    if (offsets === undefined) return;
    this.#later.delete(event);
    for (const offset of offsets) this.#waiting.push(offset);
    this.#next();
  }

  /** Whether commands wait for something to change for their events. */
  get isWaiting(): boolean {
    return this.#later.size > 0;
  }

  /** There may be room in the parking log again. */
  look(): void {
    this.#redrives.look();
    this.#next();
  }

  /** The command to cancel this event, which is about to be delivered for the first time. */
  cancelOf(event: number): number | undefined {
    if (this.#later.size === 0) return undefined;
    const { commands } = this.#options.state;
    return this.#later.get(event)?.find(offset => commands.get(offset)?.command.verb === 'cancel');
  }

  #next(): void {
    while (this.#busy < MOST_AT_ONCE) {
      const offset = this.#waiting.shift();
      if (offset === undefined) return;
      const open = this.#options.state.commands.get(offset);
      if (open === undefined || !this.#redrives.mayEnter(offset)) continue;
      this.#busy++;
      this.#carryOut(offset, open.command)
        .catch(() => {
          // Only its owner's end stops it; the next owner finds the command open.
        })
        .finally(() => {
          this.#busy--;
          this.#next();
        });
    }
  }

  async #carryOut(offset: number, command: Command): Promise<void> {
    // This comes before any write, so that its effects find the command here.
    addTo(this.#later, command.event, offset);
    const step = await this.#act(offset);
    if (step !== 'wait') {
      this.#letters.delete(offset);
      this.#redrives.pass(offset);
    }
    if (step !== 'tell' && step !== 'nothing') return;
    // A command that was reviewed meanwhile waits once more.
    if (!takeFrom(this.#later, command.event, offset)) return;
    if (step === 'tell') await this.#mark(command);
    const outcome = this.#outcomes.get(offset);
    this.#outcomes.delete(offset);
    this.#options.write({ type: 'acked', command: offset, outcome }, () => this.#acked(offset, command));
  }

  #acked(offset: number, { event }: Command): void {
    takeFrom(this.#deciding, event, offset);
    if (this.#deciding.size === 0) this.#decided.forget();
    this.review(event);
  }

  #isBehind(offset: number, event: number): boolean {
    const { commands } = this.#options.state;
    const others = this.#deciding.get(event) ?? [];
    return others.some(other => other < offset || (other !== offset && commands.get(other)?.acted));
  }

  async #act(offset: number, found?: Found): Promise<Step> {
    const { state, lanes, steps, hasRead } = this.#options;
    const open: OpenCommand | undefined = state.commands.get(offset);
    if (open === undefined) return 'wait';
    const { command, acted } = open;
    const { event } = command;
    const entry = state.entries.get(event);
    const item = lanes.inParkingLog.get(event) ?? lanes.findFresh(event);
    const running = item !== undefined && item.lane.running === item;
    const isBehind = this.#isBehind(offset, event);
    const { decided } = found ?? {};
    const isFirst = item !== undefined && item.lane.items[0] === item;
    const facts = { acted, entry, item, running, isFirst, hasRead: hasRead(event), isBehind, decided };
    const step = stepOf(command, facts);
    if (step === 'tell' || step === 'nothing') this.#note(offset, command, facts);
    if (step === 'wait' && this.#left.has(event)) return 'left';
    if (step === 'look-up') return this.#lookUp(command, offset);
    if (step === 'redrive') return this.#redrive(command, offset, item, found?.letter);
    if (step === 'wait' && item === undefined && command.verb === 'cancel') return this.#awaitUnread(event);
    if (step === 'retry') {
      if (item) steps.retryNow(item, offset);
      return 'wait';
    }
    if (step === 'flag' || step === 'give-up') {
      const ending = ENDINGS[command.verb];
      if (item && step === 'flag') Object.assign(item, { cancelledBy: offset, cancelledAs: ending ?? 'cancelled' });
      else if (item) steps.giveUp(item, ending ?? entry?.death?.reason ?? 'exhausted', item.lastError, offset);
      return 'wait';
    }
    return step;
  }

  #note(offset: number, command: Command, facts: CommandFacts): void {
    const outcome = outcomeOf(command, facts);
    if (outcome !== undefined) this.#outcomes.set(offset, outcome);
  }

  /**
   * The event is not read yet, if there is such an event. A command for an event that will never
   * come must not stay open for ever.
   */
  async #awaitUnread(event: number): Promise<'nothing' | 'wait'> {
    const { context, partition } = this.#options;
    const bounds = await context.log.bounds(context.settings.topic).catch(() => undefined);
    const end = bounds?.[partition]?.end;
    return end !== undefined && event >= end ? 'nothing' : 'wait';
  }

  /**
   * The look-up takes a while, and much may happen to the event meanwhile. So the next step is
   * decided anew.
   */
  async #lookUp(command: Command, offset: number): Promise<Step> {
    const { context, signal, trouble } = this.#options;
    const found = await tryAgain(context.world, signal, trouble, () =>
      this.#find(command, offset).catch(error => {
        if (!isOfLaterRelease(error)) throw error;
        trouble(error);
        return undefined;
      }),
    );
    if (found) return this.#act(offset, found);
    // A later release has written records of this event. The command stays open for an owner of
    // that release and blocks no other command.
    this.#left.add(command.event);
    return 'left';
  }

  async #find(command: Command, offset: number): Promise<Found> {
    const decided = await this.#decided.has(command);
    const isNeeded = !decided && command.verb === 'redrive';
    return { decided, letter: isNeeded ? await this.#letterOf(command, offset) : undefined };
  }

  #redrive(command: Command, offset: number, held: LaneItem | undefined, letter: LogRecord | undefined): Step {
    const record = edited(held?.record ?? letter, command.record);
    if (record === undefined) {
      this.#outcomes.set(offset, 'gone');
      return 'nothing';
    }
    this.#options.steps.redrive(held, record, command.generation + 1, offset);
    return 'written';
  }

  async #letterOf(command: Command, offset: number): Promise<LogRecord | undefined> {
    if (this.#letters.size === 0) {
      for (const next of this.#redrives.first(MOST_AT_ONCE)) {
        const open = this.#options.state.commands.get(next);
        if (open === undefined) continue;
        const reads = this.#readLetter(open.command);
        // The letter is read again when its turn comes.
        reads.catch(() => this.#letters.delete(next));
        this.#letters.set(next, reads);
      }
    }
    return this.#letters.get(offset) ?? this.#readLetter(command);
  }

  async #readLetter({ event, letter }: Command): Promise<LogRecord | undefined> {
    const { context, partition } = this.#options;
    if (letter === undefined) return undefined;
    const found = await readLetter(context.log, context.deadTopic, partition, letter);
    return found?.offset === event ? found.record : undefined;
  }

  /** Tells the index of dead letters; repeated marks change nothing. */
  async #mark(command: Command): Promise<void> {
    if (!decides(command)) return;
    const { verb, event, generation } = command;
    const { context, partition, signal, trouble } = this.#options;
    const mark = encodeMark(verb === 'redrive' ? 'redriven' : 'purged', partition, event, generation);
    await tryAgain(context.world, signal, trouble, () => context.log.append(context.deadTopic, [mark]));
    this.#decided.add(event, generation);
  }
}

/** Nothing more may happen to the letter afterwards: a later redrive of it is too late. */
function decides({ verb }: Command): boolean {
  return verb === 'redrive' || verb === 'purge';
}

/** The event has new data and headers, but its old place: its key decides about order. */
function edited(original: LogRecord | undefined, change: LogRecord | undefined): LogRecord | undefined {
  if (original === undefined || change === undefined) return original ?? change;
  return { ...original, value: change.value, headers: change.headers };
}
