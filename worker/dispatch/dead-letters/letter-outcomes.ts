// Finds out what orders about dead letters came to where several are about the same letter: the
// parking log says which of them counts.
import { sleep, type World } from '../../../core/world.ts';
import type { EventLog } from '../../../drivers/event-log/event-log.ts';
import type { ParkingLogState } from '../../parking-log/fold-parking-log.ts';
import { openParkedReaders, type ParkedReader, type ParkingLogName } from '../../parking-log/parked-reader.ts';
import type { CommandOutcome } from '../../parking-log/parking-log-record.ts';
import type { LetterMark } from './dead-letter-codec.ts';

/** An order that is in the parking log. */
export interface PlacedOrder {
  /** `<partition>-<offset>` of its event. */
  readonly id: string;
  readonly partition: number;
  readonly event: number;
  /** The generation of the letter that it is about. */
  readonly as: number;
  /** Offset in the parking log. */
  readonly place: number;
}

/**
 * `done`: it was carried out, or nothing stands in its way. `unconfirmed`: another order came
 * first, and no worker has said yet which of them counts.
 */
export type LetterOutcome = CommandOutcome | 'unconfirmed';

export interface LetterOutcomesOptions {
  readonly world: Pick<World, 'after' | 'monotonic'>;
  readonly log: Pick<EventLog, 'bounds' | 'positions' | 'read'>;
  readonly name: ParkingLogName;
  /** The decisions about letters as they are now, as of `DeadLetters`. */
  readonly decisions: (letters: readonly PlacedOrder[]) => Promise<readonly (LetterMark | undefined)[]>;
}

type Readers = readonly ParkedReader[];

/** How often an answer is looked for. */
const LOOK_MS = 100;
/** How long orders that others may have overtaken wait for an owner, all of one append together. */
const PATIENCE_MS = 5_000;
/** Readers go on where they were for the next orders, and are forgotten after so long. */
const KEPT_MS = 10_000;

/** A class, as it keeps readers from one append to the next. */
export class LetterOutcomes {
  readonly #options: LetterOutcomesOptions;
  #kept: { readonly readers: Readers; readonly timer: { cancel(): void } } | undefined;

  constructor(options: LetterOutcomesOptions) {
    this.#options = options;
  }

  /** In the order of what `append` returns. Readers begin before it, so that they miss nothing. */
  async of(append: () => Promise<readonly PlacedOrder[]>, signal?: AbortSignal): Promise<readonly LetterOutcome[]> {
    const readers = this.#take() ?? (await openParkedReaders(this.#options.log, this.#options.name));
    const placed = await append();
    const outcomes = new Map<PlacedOrder, LetterOutcome>();
    const parts = Map.groupBy(placed, ({ partition }) => partition);
    await Promise.all(
      [...parts].map(([partition, orders]) => this.#await(readers[partition], orders, outcomes, signal)),
    );
    this.#keep(readers);
    return placed.map(each => outcomes.get(each) ?? 'unconfirmed');
  }

  async #await(
    reader: ParkedReader | undefined,
    orders: readonly PlacedOrder[],
    outcomes: Map<PlacedOrder, LetterOutcome>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { world, decisions } = this.#options;
    // No worker has had the partition yet.
    if (reader === undefined) return;
    const until = world.monotonic() + PATIENCE_MS;
    const said = new Map<number, CommandOutcome>();
    for (let open = orders; ; ) {
      const state = await reader.read(signal, record => {
        // An earlier release does not say what it came to.
        if (record.type === 'acked') said.set(record.command, record.outcome ?? 'done');
      });
      // Read after the parking log: who confirms an order has written its mark before.
      const marks = await decisions(open);
      const first = firstOrders(state);
      for (const [index, order] of open.entries()) {
        const isDecided = marks[index] !== undefined || (state.entries.get(order.event)?.generation ?? -1) > order.as;
        const outcome = said.get(order.place) ?? outcomeOfOpen(state, order, first, isDecided);
        if (outcome !== undefined) outcomes.set(order, outcome);
      }
      open = open.filter(order => !outcomes.has(order));
      if (open.length === 0 || world.monotonic() >= until) return;
      await sleep(world, LOOK_MS, signal);
    }
  }

  #take(): Readers | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    kept?.timer.cancel();
    return kept?.readers;
  }

  #keep(readers: Readers): void {
    this.#take();
    const timer = this.#options.world.after(KEPT_MS, () => this.#take());
    this.#kept = { readers, timer };
  }
}

/** By event: the place of the order that the owner carries out next. */
function firstOrders({ commands }: ParkingLogState): ReadonlyMap<number, number> {
  const first = new Map<number, number>();
  for (const [place, { command, acted }] of commands)
    if (acted || !first.has(command.event)) first.set(command.event, place);
  return first;
}

/** Undefined: only its owner knows. */
function outcomeOfOpen(
  { commands }: ParkingLogState,
  { place, event }: PlacedOrder,
  first: ReadonlyMap<number, number>,
  isDecided: boolean,
): LetterOutcome | undefined {
  const open = commands.get(place);
  if (open === undefined) return undefined;
  if (open.acted) return 'done';
  return first.get(event) === place && !isDecided ? 'done' : undefined;
}
