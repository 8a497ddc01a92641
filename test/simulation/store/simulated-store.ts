// The part of the Store port that folds and fan-outs use, as one process of the simulation has it: calls take time, fail, and are done without an answer.
import { TenfoldError } from '../../../core/errors.ts';
import type { Change, Fence, FoldOutcome } from '../../../drivers/store/changes.ts';
import type { PutOptions, PutOutcome, StoreEntry } from '../../../drivers/store/store.ts';
import type { Page, Row, Scan } from '../../../drivers/store/tables.ts';
import type { DueTimers } from '../../../drivers/store/timers.ts';
import type { FanOutStore } from '../../../worker/fan-outs/fan-out-settings.ts';
import type { FoldStore } from '../../../worker/fold/fold.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { SimulatedState } from './simulated-state.ts';

export interface StoreFaults {
  /** Longest way of a call or an answer, milliseconds. */
  latencyMs: number;
  /** `store-unavailable`; half of them have happened. */
  fails: number;
}

export class SimulatedStore implements FoldStore, FanOutStore {
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
        const value = this.#state.bytes(scope, table, key);
        return value === undefined ? undefined : { key, value, version: '' };
      }),
    );
  }

  async row(scope: string, table: string, key: string): Promise<Row | undefined> {
    const [row] = await this.rows(scope, table, [key]);
    return row;
  }

  scan(scope: string, table: string, { limit, prefix: [beginning] = [], after }: Scan): Promise<Page> {
    return this.#call('scan', () => {
      const rows = this.#state
        .bytesOf(scope, table)
        .filter(([key]) => (beginning === undefined || key.startsWith(String(beginning))) && key > (after ?? ''))
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .slice(0, limit)
        .map(([key, value]) => ({ key, value, version: '', position: key }));
      return { rows, next: rows.length < limit ? undefined : rows.at(-1)?.position };
    });
  }

  get(scope: string, key: string): Promise<StoreEntry | undefined> {
    return this.#call('get', () => this.#state.get(scope, key));
  }

  put(scope: string, key: string, value: Uint8Array | string, { when }: PutOptions): Promise<PutOutcome> {
    return this.#call('put', () => this.#state.put(scope, key, value, when));
  }

  delete(scope: string, key: string): Promise<boolean> {
    return this.#call('delete', () => this.#state.delete(scope, key));
  }

  takeDue(scope: string, { limit, leaseMs }: { readonly limit: number; readonly leaseMs: number }): Promise<DueTimers> {
    return this.#call('takeDue', () => this.#state.takeDue(scope, limit, leaseMs));
  }

  settle(scope: string, taken: readonly { readonly timer: string; readonly token: string }[]): Promise<boolean[]> {
    return this.#call('settle', () => this.#state.settle(scope, taken));
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
