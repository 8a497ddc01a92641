// Lanes whose turn it is, and how calls are made of them: one event each, or batches that wait a moment to fill.

import { FairLine } from '../../../core/fair-line.ts';
import type { Timer, World } from '../../../core/world.ts';
import { Fifo } from '../fifo.ts';
import type { DispatchSettings } from '../settings.ts';
import type { Item, Lane } from './lanes.ts';
import { partyOf } from './parties.ts';

/** What the next call may be made of. */
export interface Turn {
  /** Which come before all others: events that are tried for the first time, or those that failed before; or they take turns. */
  readonly first: 'new' | 'again' | 'turns';
  /** Those that failed before may come, too. */
  readonly again: boolean;
  /** And those whose last call was never answered: they may take long again. */
  readonly hung: boolean;
}

interface Line {
  readonly lanes: FairLine<Lane>;
  /** When the first of them came, by the monotonic clock. */
  since: number;
}

export class ReadyLine {
  readonly #world: World;
  readonly #batch: DispatchSettings['batch'];
  readonly #announce: () => void;
  readonly #new = createLine();
  readonly #again = createLine();
  readonly #hung = createLine();
  readonly #partyOf: ReturnType<typeof partyOf>;
  /** Parts of batches that failed whole, to be called as they are. */
  readonly #splits = new Fifo<readonly Item[]>();
  /** Changes with every call, so that neither kind waits for ever for the others. */
  #turns = 0;
  #timer: Timer | undefined;

  constructor(world: World, settings: Pick<DispatchSettings, 'batch' | 'order' | 'share'>, announce: () => void) {
    this.#world = world;
    this.#batch = settings.batch;
    this.#partyOf = partyOf(settings);
    this.#announce = announce;
  }

  get length(): number {
    return this.#new.lanes.length + this.#again.lanes.length + this.#hung.lanes.length + this.#splits.length;
  }

  /** Whether something waits that was not tried yet. */
  get hasNew(): boolean {
    return this.#new.lanes.length > 0;
  }

  push(lane: Lane): void {
    const head = lane.items[0];
    const line = head?.hung ? this.#hung : head?.wasTried ? this.#again : this.#new;
    if (line.lanes.length === 0) line.since = this.#world.monotonic();
    line.lanes.push(head && this.#partyOf ? this.#partyOf(head.record) : '', lane);
    this.#announce();
  }

  pushSplits(parts: readonly (readonly Item[])[]): void {
    for (const part of parts) this.#splits.push(part);
    this.#announce();
  }

  /** `begin` gives the event of a lane, or undefined when it has none to give now. */
  take(limit: number, turn: Turn, begin: (lane: Lane) => Item | undefined): readonly Item[] {
    const split = turn.again || turn.hung ? this.#splits.shift() : undefined;
    if (split) {
      if (split.length <= limit) return split;
      this.#splits.push(split.slice(limit));
      return split.slice(0, limit);
    }
    for (const line of this.#lines(turn)) {
      const items = this.#batch ? this.#takeBatch(this.#batch, line, limit, begin) : takeOne(line, begin);
      if (items.length > 0) return items;
    }
    return [];
  }

  #lines({ first, again, hung }: Turn): Line[] {
    const turns = this.#turns++;
    const others = [...(again ? [this.#again] : []), ...(hung ? [this.#hung] : [])];
    if (turns % 4 > 1) others.reverse();
    return first === 'new' || (first === 'turns' && turns % 2 === 0) ? [this.#new, ...others] : [...others, this.#new];
  }

  /** Of one line: what never ends must not take others with it. */
  #takeBatch(
    batch: NonNullable<DispatchSettings['batch']>,
    line: Line,
    limit: number,
    begin: (lane: Lane) => Item | undefined,
  ): readonly Item[] {
    const { lanes } = line;
    const size = Math.min(batch.size, limit);
    if (lanes.length < size && lanes.length > 0) {
      const left = line.since + batch.wait - this.#world.monotonic();
      if (left > 0) {
        this.#timer ??= this.#world.after(left, () => {
          this.#timer = undefined;
          this.#announce();
        });
        return [];
      }
    }
    const items: Item[] = [];
    let bytes = 0;
    while (items.length < size) {
      const next = lanes.peek();
      if (next === undefined) break;
      const more = next.items[0]?.bytes ?? 0;
      if (items.length > 0 && bytes + more > batch.maxSize) break;
      lanes.shift();
      const item = begin(next);
      if (item) {
        items.push(item);
        bytes += item.bytes;
      }
    }
    line.since = this.#world.monotonic();
    return items;
  }

  close(): void {
    this.#timer?.cancel();
  }
}

function createLine(): Line {
  return { lanes: new FairLine(), since: 0 };
}

function takeOne({ lanes }: Line, begin: (lane: Lane) => Item | undefined): readonly Item[] {
  for (let lane = lanes.shift(); lane; lane = lanes.shift()) {
    const item = begin(lane);
    if (item) return [item];
  }
  return [];
}
