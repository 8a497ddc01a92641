// The part of the Store port that folds, Views and fan-outs use, as one process of the simulation
// has it: calls take time, fail, and are done without an answer.
import { TenfoldError } from '../../../core/errors.ts';
import type { Change, Fence, FoldOutcome } from '../../../drivers/store/changes.ts';
import type { FeedPage } from '../../../drivers/store/feeds.ts';
import type { Ranked } from '../../../drivers/store/rankings.ts';
import { indexPlaceOf, rangeOf, toPosition } from '../../../drivers/store/scan-range.ts';
import type { PutOptions, PutOutcome, StoreEntry } from '../../../drivers/store/store.ts';
import type { Page, Row, Scan } from '../../../drivers/store/tables.ts';
import type { DueTimers } from '../../../drivers/store/timers.ts';
import type { FanOutStore } from '../../../worker/fan-outs/fan-out-settings.ts';
import type { FoldStore } from '../../../worker/fold/fold.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import { entriesOf, rankedOf } from './simulated-best.ts';
import type { SimulatedState } from './simulated-state.ts';

export interface StoreFaults {
  /** Longest way of a call or an answer, milliseconds. */
  latencyMs: number;
  /** `store-unavailable`; half of them have happened. */
  fails: number;
  /** Scans of this table reach it later. */
  readonly slowScan?: { readonly table: string; readonly mostMs: number } | undefined;
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

  server(): Promise<string> {
    return this.#call('server', () => this.#state.server);
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

  scan(scope: string, table: string, scan: Scan): Promise<Page> {
    if (scan.index !== undefined) return this.#scanIndex(scope, table, scan.index, scan);
    const { limit, prefix: [beginning] = [], after } = scan;
    const read = () => {
      const rows = this.#state
        .bytesOf(scope, table)
        .filter(([key]) => (beginning === undefined || key.startsWith(String(beginning))) && key > (after ?? ''))
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .slice(0, limit)
        .map(([key, value]) => ({ key, value, version: '', position: key }));
      return { rows, next: rows.length < limit ? undefined : rows.at(-1)?.position };
    };
    const { slowScan } = this.#faults;
    if (slowScan?.table !== table) return this.#call('scan', read);
    const { promise, resolve } = Promise.withResolvers<Page>();
    const lateMs = this.#process.simulation.chance.int('a scan is slow', 0, slowScan.mostMs);
    this.#process.after(lateMs, 'a slow scan', () => resolve(this.#call('scan', read)));
    return promise;
  }

  #scanIndex(scope: string, table: string, index: string, scan: Scan): Promise<Page> {
    return this.#call('scan', () => {
      const { lower, upper } = rangeOf(scan);
      const rows = this.#state
        .bytesOf(scope, table)
        .flatMap(([key, value]) => {
          const values = this.#state.placesOf(scope, table, key)[index];
          return values ? [{ key, value, version: '', place: indexPlaceOf(values, key) }] : [];
        })
        .filter(({ place }) => Buffer.compare(place, lower) >= 0 && (!upper || Buffer.compare(place, upper) < 0))
        .sort((one, other) => Buffer.compare(one.place, other.place) * (scan.reverse ? -1 : 1))
        .slice(0, scan.limit)
        .map(({ place, ...row }) => ({ ...row, position: toPosition(place) }));
      return { rows, next: rows.length < scan.limit ? undefined : rows.at(-1)?.position };
    });
  }

  top(scope: string, ranking: string, { limit, from = 1 }: { limit: number; from?: number }): Promise<Ranked[]> {
    return this.#call('top', () => rankedOf(this.#state.best, scope, ranking).slice(from - 1, from - 1 + limit));
  }

  around(
    scope: string,
    ranking: string,
    member: string,
    { before, after }: { readonly before: number; readonly after: number },
  ): Promise<Ranked[]> {
    return this.#call('around', () => {
      const ranked = rankedOf(this.#state.best, scope, ranking);
      const at = ranked.findIndex(each => each.member === member);
      return at === -1 ? [] : ranked.slice(Math.max(0, at - before), at + after + 1);
    });
  }

  feed(scope: string, feed: string, owner: string, { limit }: { readonly limit: number }): Promise<FeedPage> {
    return this.#call('feed', () => {
      const entries = entriesOf(this.#state.best, scope, feed, owner);
      const shown = entries.slice(0, limit).map(entry => ({ ...entry, position: `${entry.at}/${entry.id}` }));
      return { entries: shown, next: entries.length > limit ? shown.at(-1)?.position : undefined };
    });
  }

  scopes(
    prefix: string,
    { limit, after = '' }: { readonly limit: number; readonly after?: string },
  ): Promise<string[]> {
    return this.#call('scopes', () =>
      this.#state
        .scopes()
        .filter(scope => scope.startsWith(prefix) && scope > after)
        .slice(0, limit),
    );
  }

  drop(scope: string): Promise<void> {
    return this.#call('drop', () => this.#state.drop(scope));
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
