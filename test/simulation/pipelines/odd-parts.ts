// The parts around a simulated pipeline that do not work as they should: a log that is asked bit by
// bit, a function that fails, a store that forgets.
import type { Bounds } from '../../../drivers/event-log/event-log.ts';
import type { Caller } from '../../../worker/deliver/caller.ts';
import type { Chance } from '../kernel/chance.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { SimulatedBroker } from '../log/broker.ts';
import { SimulatedLog } from '../log/simulated-log.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';

/** Each partition is asked for its end at another moment, as the leaders of partitions are. */
export class ApartLog extends SimulatedLog {
  readonly #chance: Chance;
  readonly #topics: readonly string[];

  constructor(broker: SimulatedBroker, process: SimulatedProcess, chance: Chance, topics: readonly string[]) {
    super(broker, process);
    this.#chance = chance;
    this.#topics = topics;
  }

  override async bounds(topic: string): Promise<readonly Bounds[] | undefined> {
    const all = await super.bounds(topic);
    if (!this.#topics.includes(topic) || all === undefined) return all;
    const apart = [...all];
    const order = all.map((_, partition) => partition);
    while (order.length > 0) {
      const [partition = 0] = order.splice(this.#chance.int('asked', 0, order.length - 1), 1);
      const bounds = (await super.bounds(topic))?.[partition];
      if (bounds) apart[partition] = bounds;
    }
    return apart;
  }
}

/** Answers with the data as they are, sooner or later, or fails. */
export function callerOf(process: SimulatedProcess, chance: Chance, fails: { readonly rate: number }): Caller {
  return {
    label: 'function enrich',
    call: ({ body }) =>
      new Promise(resolve => {
        const status = chance.happens('function fails', fails.rate) ? 500 : 200;
        const answer = { status, headers: ['content-type', 'application/json'], body: Buffer.from(String(body)) };
        process.after(chance.int('function takes', 1, 300), 'function answers', () => resolve(answer));
      }),
  };
}

/** A store that gives nothing of what was counted. */
export function forgetful(store: SimulatedStore, what: 'events' | 'all'): SimulatedStore {
  const forgotten = what === 'all' ? ['tenfold.repeats', 'tenfold.seen'] : ['tenfold.repeats'];
  return new Proxy(store, {
    get(target, name) {
      if (name === 'scan') {
        return (scope: string, table: string, scan: never) =>
          forgotten.includes(table) ? Promise.resolve({ rows: [], next: undefined }) : target.scan(scope, table, scan);
      }
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
