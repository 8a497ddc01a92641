// What a simulated store holds, as all processes share it: rows and fenced positions, and what it forgets when it fails over.
import type { Change, Fence, FoldOutcome } from '../../../drivers/store/changes.ts';

interface Held {
  readonly rows: Map<string, string>;
  readonly positions: Map<string, number>;
}

const SEPARATOR = '\u0000';

export class SimulatedState {
  /** Left false by a mutation that the harness must find. */
  fenced = true;
  #held: Held = { rows: new Map(), positions: new Map() };
  #replica: Held = copyOf(this.#held);

  position(scope: string, consumer: string, partition: number): number | undefined {
    return this.#held.positions.get([scope, consumer, partition].join(SEPARATOR));
  }

  row(scope: string, table: string, key: string): string | undefined {
    return this.#held.rows.get([scope, table, key].join(SEPARATOR));
  }

  rowsOf(scope: string, table: string): [string, string][] {
    const prefix = [scope, table, ''].join(SEPARATOR);
    return [...this.#held.rows]
      .filter(([place]) => place.startsWith(prefix))
      .map(([place, value]) => [place.slice(prefix.length), value]);
  }

  apply(scope: string, changes: readonly Change[], fence: Fence | undefined): FoldOutcome {
    if (fence) {
      const place = [scope, fence.consumer, fence.partition].join(SEPARATOR);
      const position = this.#held.positions.get(place);
      if (this.fenced && position !== fence.after) return { applied: false, position };
      this.#held.positions.set(place, fence.upTo);
    }
    for (const change of changes) {
      if (change.kind === 'put-row') {
        const value = typeof change.value === 'string' ? change.value : Buffer.from(change.value).toString();
        this.#held.rows.set([scope, change.table, change.key].join(SEPARATOR), value);
      } else if (change.kind === 'delete-row') {
        this.#held.rows.delete([scope, change.table, change.key].join(SEPARATOR));
      } else {
        throw new Error(`the simulated store makes no ${change.kind}`);
      }
    }
    return { applied: true };
  }

  /** The replica is a copy of what is held now. */
  replicate(): void {
    this.#replica = copyOf(this.#held);
  }

  /** The replica takes over; what came after it was made is gone. */
  failOver(): void {
    this.#held = copyOf(this.#replica);
  }
}

function copyOf({ rows, positions }: Held): Held {
  return { rows: new Map(rows), positions: new Map(positions) };
}
