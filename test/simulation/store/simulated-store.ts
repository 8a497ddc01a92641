// The part of the Store port that folds use, as one process of the simulation has it: calls take time, fail, and are done without an answer.
import { TenfoldError } from '../../../core/errors.ts';
import type { Change, Fence, FoldOutcome } from '../../../drivers/store/changes.ts';
import type { Page, Row, Scan } from '../../../drivers/store/tables.ts';
import type { FoldStore } from '../../../worker/fold/fold.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { SimulatedState } from './simulated-state.ts';

export interface StoreFaults {
  /** Longest way of a call or an answer, milliseconds. */
  latencyMs: number;
  /** `store-unavailable`; half of them have happened. */
  fails: number;
}

export class SimulatedStore implements FoldStore {
  readonly #state: SimulatedState;
  readonly #process: SimulatedProcess;
  readonly #faults: StoreFaults;

  constructor(state: SimulatedState, process: SimulatedProcess, faults: StoreFaults) {
    this.#state = state;
    this.#process = process;
    this.#faults = faults;
  }

  position(scope: string, consumer: string, partition: number): Promise<number | undefined> {
    return this.#call('position', () => this.#state.position(scope, consumer, partition));
  }

  rows(scope: string, table: string, keys: readonly string[]): Promise<readonly (Row | undefined)[]> {
    return this.#call('rows', () =>
      keys.map(key => {
        const value = this.#state.row(scope, table, key);
        return value === undefined ? undefined : { key, value: Buffer.from(value), version: '' };
      }),
    );
  }

  async row(scope: string, table: string, key: string): Promise<Row | undefined> {
    const [row] = await this.rows(scope, table, [key]);
    return row;
  }

  scan(scope: string, table: string, { limit }: Scan): Promise<Page> {
    return this.#call('scan', () => {
      const rows = this.#state.rowsOf(scope, table);
      if (rows.length > limit) throw new Error('the simulated store has one page');
      return {
        rows: rows.map(([key, value]) => ({ key, value: Buffer.from(value), version: '', position: key })),
        next: undefined,
      };
    });
  }

  apply(scope: string, changes: readonly Change[], fence?: Fence): Promise<FoldOutcome> {
    return this.#call('apply', () => this.#state.apply(scope, changes, fence));
  }

  #call<T>(name: string, effect: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const { simulation } = this.#process;
    const { chance } = simulation;
    const way = () => chance.int(`store ${name} takes`, 0, this.#faults.latencyMs);
    const answer = (act: () => void) => this.#process.after(way(), `store answers ${name}`, act);
    const fails = chance.happens(`store ${name} fails`, this.#faults.fails);
    const happens = !fails || chance.happens(`store ${name} happened`, 0.5);
    simulation.after(way(), `store ${name}`, () => {
      let done = () => reject(new TenfoldError('store-unavailable', `${name}: the store gave no answer`));
      try {
        if (happens) {
          const value = effect();
          if (!fails) done = () => resolve(value);
        }
      } catch (error) {
        if (!fails) done = () => reject(error);
      }
      answer(done);
    });
    return promise;
  }
}
