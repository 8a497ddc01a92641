// A search index as one process of the simulation has it: calls take time, fail, and are done
// without an answer; the highest version of a document wins.
import { TenfoldError } from '../../../core/errors.ts';
import type { ChangeOutcome, DocumentChange, SearchIndex } from '../../../drivers/search-index/search-index.ts';
import type { SimulatedProcess } from '../kernel/process.ts';
import type { StoreFaults } from '../store/simulated-store.ts';

interface Held {
  readonly version: number;
  /** Undefined: it was deleted. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
}

/** By index and id; loses nothing when the store does. */
export interface SimulatedIndexes {
  readonly indexes: Map<string, Map<string, Held>>;
  readonly aliases: Map<string, string>;
}

export type AskedSearch = Omit<SearchIndex, 'suggest' | 'health' | 'close'>;

export function createSimulatedSearch(
  { indexes, aliases }: SimulatedIndexes,
  process: SimulatedProcess,
  faults: StoreFaults,
): AskedSearch {
  const { simulation } = process;
  const { chance } = simulation;
  const call = <T>(name: string, effect: () => T): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const way = () => chance.int(`search ${name} takes`, 0, faults.latencyMs);
    const fails = chance.happens(`search ${name} fails`, faults.fails);
    const happens = !fails || chance.happens(`search ${name} happened`, 0.5);
    simulation.after(way(), `search ${name}`, () => {
      let done = () => reject(new TenfoldError('store-unavailable', `${name}: the search index gave no answer`));
      try {
        if (happens) {
          const value = effect();
          if (!fails) done = () => resolve(value);
        }
      } catch (error) {
        if (!fails) done = () => reject(error);
      }
      process.after(way(), `search answers ${name}`, done);
    });
    return promise;
  };
  const find = (name: string): Map<string, Held> => {
    const found = indexes.get(aliases.get(name) ?? name);
    if (found) return found;
    throw new TenfoldError('not-found', `there is no index ${name}`);
  };
  const change = (index: Map<string, Held>, one: DocumentChange): ChangeOutcome => {
    if ((index.get(one.id)?.version ?? 0) >= one.version) return { kind: 'outdated' };
    index.set(one.id, { version: one.version, document: one.kind === 'put' ? one.document : undefined });
    return { kind: 'written' };
  };

  return {
    ensureIndex: name =>
      call('ensureIndex', () => {
        if (!indexes.has(name)) indexes.set(name, new Map());
      }),
    dropIndex: name => call('dropIndex', () => void indexes.delete(name)),
    indexes: prefix =>
      call('indexes', () =>
        [...indexes.keys()]
          .filter(name => name.startsWith(prefix))
          .map(name => ({ name, aliases: [...aliases].flatMap(([alias, of]) => (of === name ? [alias] : [])) })),
      ),
    pointAliases: pointed =>
      call('pointAliases', () => {
        for (const [alias, name] of Object.entries(pointed)) {
          if (name === undefined) aliases.delete(alias);
          else if (indexes.has(name)) aliases.set(alias, name);
          else throw new TenfoldError('not-found', `there is no index ${name}`);
        }
      }),
    change: (name, changes) =>
      call('change', () => {
        const index = find(name);
        return changes.map(each => change(index, each));
      }),
    refresh: name => call('refresh', () => void find(name)),
    search: (name, { limit = 10 }) =>
      call('search', () => {
        const all = [...find(name)].flatMap(([id, { version, document }]) =>
          document === undefined ? [] : [{ id, version, document, score: 1, highlights: {} }],
        );
        all.sort((a, b) => (a.id < b.id ? -1 : 1));
        return { hits: all.slice(0, limit), total: { count: all.length, isExact: true }, next: undefined, facets: {} };
      }),
    document: (name, id) =>
      call('document', () => {
        const held = find(name).get(id);
        return held?.document && { document: held.document, version: held.version };
      }),
  };
}
