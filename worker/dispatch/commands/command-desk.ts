// Carries out what people ask of single events: redrive, skip, purge, cancel. Only what the lot does not show as done yet; then it is confirmed there.
import { isOfLaterRelease } from '../../../core/stored-version.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { LotState, OpenCommand } from '../../lot/fold-lot.ts';
import type { Command, OwnersRecord } from '../../lot/lot-record.ts';
import { Fifo } from '../fifo.ts';
import type { Item, Lanes } from '../lanes/lanes.ts';
import { encodeMark } from '../letters/dead-letter-codec.ts';
import { DecidedLetters } from '../letters/decided-letters.ts';
import { readLetter } from '../letters/read-letter.ts';
import type { PartitionContext } from '../partition-context.ts';
import { tryAgain } from '../try-again.ts';
import type { LotSteps } from '../writes/lot-steps.ts';
import { stepOf } from './command-rules.ts';
import { RedriveLine } from './redrive-line.ts';

export interface CommandDeskOptions {
  readonly context: PartitionContext;
  readonly partition: number;
  readonly state: LotState;
  readonly lanes: Lanes;
  readonly steps: LotSteps;
  readonly signal: AbortSignal;
  readonly write: (record: OwnersRecord, applied: () => void) => void;
  readonly trouble: (error: unknown) => void;
  /** Whether the source has been read past this offset. */
  readonly hasRead: (offset: number) => boolean;
  /** Whether the lot takes more. */
  readonly hasRoom: () => boolean;
}

/** What was looked up for a redrive. */
interface Found {
  /** Its letter was decided about since it was asked for. */
  readonly decided: boolean;
  readonly letter: LogRecord | undefined;
}

/** `written`: what it does is on its way to the lot. `left`: to an owner of a later release. */
type Step = 'tell' | 'nothing' | 'wait' | 'written' | 'left';

const MOST_AT_ONCE = 32;

export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #waiting = new Fifo<number>();
  /** Redrives that are not in the lot yet. */
  readonly #redrives: RedriveLine;
  /** Letters of the next of them, all read at once: logs give what lies together faster so. */
  readonly #letters = new Map<number, Promise<LogRecord | undefined>>();
  /** By event: commands that go on when something changes for it. */
  readonly #later = new Map<number, number[]>();
  /** By event: redrives and purges that are open, ascending. */
  readonly #deciding = new Map<number, number[]>();
  readonly #decided: DecidedLetters;
  /** Events of which an owner of a later release must say what becomes of them. */
  readonly #left = new Set<number>();
  #busy = 0;

  constructor(options: CommandDeskOptions) {
    const { context, partition, state, lanes, hasRoom } = options;
    this.#options = options;
    this.#redrives = new RedriveLine({
      commands: state.commands,
      isHeld: event => lanes.inLot.get(event)?.state === 'held',
      hasRoom,
      begin: offset => this.#waiting.push(offset),
    });
    this.#decided = new DecidedLetters(context.log, context.deadTopic, partition);
  }

  /** Offset in the lot of a command that has come, or that the replay found. */
  add(offset: number): void {
    const open = this.#options.state.commands.get(offset);
    if (open && decides(open.command)) addTo(this.#deciding, open.command.event, offset);
    if (open?.command.verb === 'redrive' && !open.acted) this.#redrives.add(offset);
    else this.#waiting.push(offset);
    this.#next();
  }

  /** Something has changed for the event: it was read, it went on, it was buried. */
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

  /** There may be room in the lot again. */
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
    // Before anything is written: what it causes must find it here.
    addTo(this.#later, command.event, offset);
    const step = await this.#act(offset);
    if (step !== 'wait') {
      this.#letters.delete(offset);
      this.#redrives.pass(offset);
    }
    if (step !== 'tell' && step !== 'nothing') return;
    // Reviewed meanwhile it is in line once more.
    if (!takeFrom(this.#later, command.event, offset)) return;
    if (step === 'tell') await this.#mark(command);
    this.#options.write({ type: 'acked', command: offset }, () => this.#acked(offset, command));
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
    const item = lanes.inLot.get(event) ?? lanes.findFresh(event);
    const running = item !== undefined && item.lane.running === item;
    const isBehind = this.#isBehind(offset, event);
    const { decided } = found ?? {};
    const step = stepOf(command, { acted, entry, item, running, hasRead: hasRead(event), isBehind, decided });
    if (step === 'wait' && this.#left.has(event)) return 'left';
    if (step === 'look-up') return this.#lookUp(command, offset);
    if (step === 'redrive') return this.#redrive(command, offset, item, found?.letter);
    if (step === 'wait' && item === undefined && command.verb === 'cancel') return this.#awaitUnread(event);
    if (step === 'flag' || step === 'give-up') {
      const reason = command.verb === 'cancel' ? 'cancelled' : (entry?.death?.reason ?? 'exhausted');
      if (item && step === 'flag') item.cancelledBy = offset;
      else if (item) steps.giveUp(item, reason, item.lastError, offset);
      return 'wait';
    }
    return step;
  }

  /** An event that is not read yet, if there is such an event: a command for one that will never come must not stay open for ever. */
  async #awaitUnread(event: number): Promise<'nothing' | 'wait'> {
    const { context, partition } = this.#options;
    const bounds = await context.log.bounds(context.settings.topic).catch(() => undefined);
    const end = bounds?.[partition]?.end;
    return end !== undefined && event >= end ? 'nothing' : 'wait';
  }

  /** That takes a while, and much may happen to its event meanwhile: what is to be done is judged anew. */
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
    // Where a later release has written of it, it stays open for an owner of that release, and keeps no other command.
    this.#left.add(command.event);
    return 'left';
  }

  async #find(command: Command, offset: number): Promise<Found> {
    const decided = await this.#decided.has(command);
    return { decided, letter: decided ? undefined : await this.#letterOf(command, offset) };
  }

  #redrive(command: Command, offset: number, held: Item | undefined, letter: LogRecord | undefined): Step {
    const record = edited(held?.record ?? letter, command.record);
    if (record === undefined) return 'nothing';
    this.#options.steps.redrive(held, record, command.generation + 1, offset);
    return 'written';
  }

  async #letterOf(command: Command, offset: number): Promise<LogRecord | undefined> {
    if (this.#letters.size === 0) {
      for (const next of this.#redrives.first(MOST_AT_ONCE)) {
        const open = this.#options.state.commands.get(next);
        if (open === undefined) continue;
        const reads = this.#readLetter(open.command);
        // Read again when it is its turn.
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

  /** Told where dead letters are listed; a mark more than once changes nothing. */
  async #mark(command: Command): Promise<void> {
    if (!decides(command)) return;
    const { verb, event, generation } = command;
    const { context, partition, signal, trouble } = this.#options;
    const mark = encodeMark(verb === 'redrive' ? 'redriven' : 'purged', partition, event, generation);
    await tryAgain(context.world, signal, trouble, () => context.log.append(context.deadTopic, [mark]));
    this.#decided.add(event, generation);
  }
}

/** After it nothing more is to be done about the letter: a redrive of it that comes later is too late. */
function decides({ verb }: Command): boolean {
  return verb === 'redrive' || verb === 'purge';
}

function addTo(lists: Map<number, number[]>, event: number, offset: number): void {
  const list = lists.get(event);
  if (list) list.push(offset);
  else lists.set(event, [offset]);
}

/** False when it is not there. */
function takeFrom(lists: Map<number, number[]>, event: number, offset: number): boolean {
  const list = lists.get(event);
  const index = list?.indexOf(offset) ?? -1;
  if (list === undefined || index < 0) return false;
  list.splice(index, 1);
  if (list.length === 0) lists.delete(event);
  return true;
}

/** With new data and headers, but in its old place: its key decides about order. */
function edited(original: LogRecord | undefined, change: LogRecord | undefined): LogRecord | undefined {
  if (original === undefined || change === undefined) return original ?? change;
  return { ...original, value: change.value, headers: change.headers };
}
