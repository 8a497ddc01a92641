// What a simulated store holds, as all processes share it: rows, rankings, feeds, keys, timers and
// fenced positions, and what it forgets when it fails over.
import type { Change, Fence, FoldOutcome } from '../../../drivers/store/changes.ts';
import type { PutOptions, PutOutcome } from '../../../drivers/store/store.ts';
import type { DueTimers } from '../../../drivers/store/timers.ts';
import type { Value } from '../../../drivers/store/values.ts';
import { copyOfBest, emptyBest, type HeldBest, isBest, makeBest } from './simulated-best.ts';

type Places = Readonly<Record<string, readonly Value[]>>;

interface Held {
  readonly rows: Map<string, Buffer>;
  /** What rows are found under. */
  readonly places: Map<string, Places>;
  /** Of rows that go by themselves. */
  readonly ends: Map<string, number>;
  readonly best: HeldBest;
  readonly positions: Map<string, number>;
  readonly entries: Map<string, { readonly value: Buffer; readonly version: string }>;
  readonly timers: Map<string, HeldTimer>;
}

interface HeldTimer {
  readonly scope: string;
  readonly timer: string;
  readonly at: number;
  readonly payload: Buffer;
  /** Somebody has it until then. */
  readonly takenUntil: number;
  readonly token: string;
}

const SEPARATOR = '\u0000';

export class SimulatedState {
  /** Left false by a mutation that the harness must find. */
  fenced = true;
  /** Called for each change that is made. */
  readonly watches: ((scope: string, change: Change) => void)[] = [];
  readonly #now: () => number;
  #versions = 0;
  #held: Held = {
    rows: new Map(),
    places: new Map(),
    ends: new Map(),
    best: emptyBest(),
    positions: new Map(),
    entries: new Map(),
    timers: new Map(),
  };
  #failOvers = 0;
  #replica: Held = copyOf(this.#held);

  /** `now`: for timers. */
  constructor(now: () => number = () => 0) {
    this.#now = now;
  }

  position(scope: string, consumer: string, partition: number): number | undefined {
    return this.#held.positions.get([scope, consumer, partition].join(SEPARATOR));
  }

  row(scope: string, table: string, key: string): string | undefined {
    return this.bytes(scope, table, key)?.toString();
  }

  bytes(scope: string, table: string, key: string): Buffer | undefined {
    const place = [scope, table, key].join(SEPARATOR);
    return this.#isOver(place) ? undefined : this.#held.rows.get(place);
  }

  /** Its name; another one after each fail-over. */
  get server(): string {
    return `server ${this.#failOvers}`;
  }

  rowsOf(scope: string, table: string): [string, string][] {
    return this.bytesOf(scope, table).map(([key, value]) => [key, value.toString()]);
  }

  bytesOf(scope: string, table: string): [string, Buffer][] {
    const prefix = [scope, table, ''].join(SEPARATOR);
    return [...this.#held.rows]
      .filter(([place]) => place.startsWith(prefix) && !this.#isOver(place))
      .map(([place, value]) => [place.slice(prefix.length), value]);
  }

  apply(scope: string, changes: readonly Change[], fence: Fence | undefined): FoldOutcome {
    if (fence) {
      const place = [scope, fence.consumer, fence.partition].join(SEPARATOR);
      const position = this.#held.positions.get(place);
      if (this.fenced && position !== fence.after) return { applied: false, position };
      if (this.fenced && fence.server !== undefined && fence.server !== this.server)
        return { applied: false, position };
      this.#held.positions.set(place, fence.upTo);
    }
    for (const change of changes) {
      for (const watch of this.watches) watch(scope, change);
      if (isBest(change)) makeBest(this.#held.best, scope, change);
      else if (change.kind === 'put-row') {
        const place = [scope, change.table, change.key].join(SEPARATOR);
        this.#held.rows.set(place, Buffer.from(change.value));
        if (change.ttlMs === undefined) this.#held.ends.delete(place);
        else this.#held.ends.set(place, this.#now() + change.ttlMs);
        if (change.indexes) this.#held.places.set(place, change.indexes);
        else this.#held.places.delete(place);
      } else if (change.kind === 'delete-row') {
        this.#held.rows.delete([scope, change.table, change.key].join(SEPARATOR));
      } else if (change.kind === 'set-timer') {
        const { timer, inMs, payload } = change;
        const set = { scope, timer, at: this.#now() + inMs, payload: Buffer.from(payload), takenUntil: 0, token: '' };
        this.#held.timers.set([scope, timer].join(SEPARATOR), set);
      } else if (change.kind === 'cancel-timer') {
        this.#held.timers.delete([scope, change.timer].join(SEPARATOR));
      } else {
        throw new Error(`the simulated store makes no ${change.kind}`);
      }
    }
    return { applied: true };
  }

  #isOver(place: string): boolean {
    return (this.#held.ends.get(place) ?? Number.POSITIVE_INFINITY) <= this.#now();
  }

  placesOf(scope: string, table: string, key: string): Places {
    return this.#held.places.get([scope, table, key].join(SEPARATOR)) ?? {};
  }

  get best(): HeldBest {
    return this.#held.best;
  }

  /** All that hold something. */
  scopes(): string[] {
    const { rows, positions, best } = this.#held;
    const places = [rows, positions, best.ranked, best.feeds].flatMap(each => [...each.keys()]);
    return [...new Set(places.map(place => place.slice(0, place.indexOf(SEPARATOR))))].sort();
  }

  drop(scope: string): void {
    const { rows, places, ends, positions, best } = this.#held;
    for (const each of [rows, places, ends, positions, best.ranked, best.feeds]) {
      for (const place of each.keys()) if (place.startsWith(`${scope}${SEPARATOR}`)) each.delete(place);
    }
  }

  get(scope: string, key: string) {
    return this.#held.entries.get([scope, key].join(SEPARATOR));
  }

  put(scope: string, key: string, value: Uint8Array | string, when: PutOptions['when']): PutOutcome {
    const place = [scope, key].join(SEPARATOR);
    const entry = this.#held.entries.get(place);
    const met = when === undefined || (when === 'absent' ? entry === undefined : entry?.version === when.version);
    if (!met) return { written: false, entry };
    const version = String(++this.#versions);
    this.#held.entries.set(place, { value: Buffer.from(value), version });
    return { written: true, version };
  }

  delete(scope: string, key: string): boolean {
    return this.#held.entries.delete([scope, key].join(SEPARATOR));
  }

  takeDue(scope: string, limit: number, leaseMs: number): DueTimers {
    const now = this.#now();
    const mine = [...this.#held.timers].filter(([, timer]) => timer.scope === scope);
    const readyAt = ({ at, takenUntil }: HeldTimer) => Math.max(at, takenUntil);
    const due = mine.filter(([, timer]) => readyAt(timer) <= now).slice(0, limit);
    const timers = due.map(([place, held]) => {
      const token = String(++this.#versions);
      this.#held.timers.set(place, { ...held, token, takenUntil: now + leaseMs });
      return { timer: held.timer, payload: held.payload, lateMs: now - held.at, token };
    });
    const waits = mine.filter(([, timer]) => readyAt(timer) > now).map(([, timer]) => readyAt(timer) - now);
    return { timers, nextInMs: waits.length === 0 ? undefined : Math.min(...waits) };
  }

  settle(scope: string, taken: readonly { readonly timer: string; readonly token: string }[]): boolean[] {
    return taken.map(({ timer, token }) => {
      const place = [scope, timer].join(SEPARATOR);
      return this.#held.timers.get(place)?.token === token && this.#held.timers.delete(place);
    });
  }

  /** The replica is a copy of what is held now. */
  replicate(): void {
    this.#replica = copyOf(this.#held);
  }

  /** The replica takes over; what came after it was made is gone. */
  failOver(): void {
    this.#held = copyOf(this.#replica);
    this.#failOvers++;
  }
}

function copyOf({ rows, places, ends, best, positions, entries, timers }: Held): Held {
  return {
    rows: new Map(rows),
    places: new Map(places),
    ends: new Map(ends),
    best: copyOfBest(best),
    positions: new Map(positions),
    entries: new Map(entries),
    timers: new Map(timers),
  };
}
