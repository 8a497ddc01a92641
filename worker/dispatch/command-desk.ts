// Carries out what people ask of single events: redrive, skip, purge, cancel. Only what the lot does not show as done yet; then it is confirmed there.
import type { LogRecord } from '../../drivers/event-log/event-log.ts';
import type { LotState, OpenCommand } from '../lot/fold-lot.ts';
import type { Command, OwnersRecord } from '../lot/lot-record.ts';
import { stepOf } from './command-rules.ts';
import { encodeMark } from './dead-letter-codec.ts';
import { Fifo } from './fifo.ts';
import type { Item, Lanes } from './lanes.ts';
import type { LotSteps } from './lot-steps.ts';
import type { PartitionContext } from './partition-context.ts';
import { readLetter } from './read-letter.ts';
import { tryAgain } from './try-again.ts';

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

const MOST_AT_ONCE = 32;

export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #waiting = new Fifo<number>();
  /** Redrives, as long as the lot is full. */
  readonly #redrives = new Fifo<number>();
  /** By event: commands that go on when something changes for it. */
  readonly #later = new Map<number, number[]>();
  #busy = 0;

  constructor(options: CommandDeskOptions) {
    this.#options = options;
  }

  /** Offset in the lot of a command that has come, or that the replay found. */
  add(offset: number): void {
    this.#waiting.push(offset);
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
    while (this.#redrives.length > 0 && this.#options.hasRoom()) {
      const offset = this.#redrives.shift();
      if (offset !== undefined) this.add(offset);
    }
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
      if (open === undefined) continue;
      if (open.command.verb === 'redrive' && !open.acted && !this.#options.hasRoom()) {
        this.#redrives.push(offset);
        continue;
      }
      this.#busy++;
      this.#carryOut(offset, open)
        .catch(() => {
          // Only its owner's end stops it; the next owner finds the command open.
        })
        .finally(() => {
          this.#busy--;
          this.#next();
        });
    }
  }

  async #carryOut(offset: number, open: OpenCommand): Promise<void> {
    const { command } = open;
    // Before anything is written: what it causes must find it here.
    this.#putOff(command.event, offset);
    const step = await this.#act(offset, open);
    if (step === 'wait' || !this.#takeBack(command.event, offset)) return;
    if (step === 'tell') await this.#mark(command);
    this.#options.write({ type: 'acked', command: offset }, () => {});
  }

  #putOff(event: number, offset: number): void {
    const waiting = this.#later.get(event);
    if (waiting) waiting.push(offset);
    else this.#later.set(event, [offset]);
  }

  /** False when it was reviewed meanwhile, and so is in line once more. */
  #takeBack(event: number, offset: number): boolean {
    const waiting = this.#later.get(event);
    const index = waiting?.indexOf(offset) ?? -1;
    if (waiting === undefined || index < 0) return false;
    waiting.splice(index, 1);
    if (waiting.length === 0) this.#later.delete(event);
    return true;
  }

  async #act(offset: number, { command, acted }: OpenCommand): Promise<'tell' | 'nothing' | 'wait'> {
    const { state, lanes, steps, hasRead } = this.#options;
    const { event } = command;
    const entry = state.entries.get(event);
    const item = lanes.inLot.get(event) ?? lanes.findFresh(event);
    const running = item !== undefined && item.lane.running === item;
    const step = stepOf(command, { acted, entry, item, running, hasRead: hasRead(event) });
    if (step === 'redrive') return this.#redrive(command, offset, item);
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

  async #redrive(command: Command, offset: number, held: Item | undefined): Promise<'nothing' | 'wait'> {
    const original = held?.record ?? (await this.#letterOf(command));
    const record = edited(original, command.record);
    if (record === undefined) return 'nothing';
    const { lanes, steps } = this.#options;
    // The letter took a while to come; another command may have been faster.
    if (held === undefined && (lanes.inLot.has(command.event) || lanes.findFresh(command.event))) return 'nothing';
    steps.redrive(held, record, command.generation + 1, offset);
    return 'wait';
  }

  async #letterOf(command: Command): Promise<LogRecord | undefined> {
    const { context, partition, signal, trouble } = this.#options;
    const { letter } = command;
    if (letter === undefined) return undefined;
    const found = await tryAgain(context.world, signal, trouble, () =>
      readLetter(context.log, context.deadTopic, partition, letter),
    );
    return found?.offset === command.event ? found.record : undefined;
  }

  /** Told where dead letters are listed; a mark more than once changes nothing. */
  async #mark({ verb, event, generation }: Command): Promise<void> {
    if (verb !== 'redrive' && verb !== 'purge') return;
    const { context, partition, signal, trouble } = this.#options;
    const mark = encodeMark(verb === 'redrive' ? 'redriven' : 'purged', partition, event, generation);
    await tryAgain(context.world, signal, trouble, () => context.log.append(context.deadTopic, [mark]));
  }
}

/** With new data and headers, but in its old place: its key decides about order. */
function edited(original: LogRecord | undefined, change: LogRecord | undefined): LogRecord | undefined {
  if (original === undefined || change === undefined) return original ?? change;
  return { ...original, value: change.value, headers: change.headers };
}
