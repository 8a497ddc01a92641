// Changes to how a fold writes its steps, whatever it folds.
import { type Mutation, one } from './mutation.ts';

const POSITION = 'worker/fold/stored-position.ts';

const changes: readonly Mutation[] = [
  one(
    'server-not-asked',
    'what one server of the store said is written to another that stands at the same position',
    POSITION,
    'const fence = { consumer, partition, after: this.#value, upTo, server: this.#server };',
    'const fence = { consumer, partition, after: this.#value, upTo };',
  ),
];

export const foldMutations: readonly Mutation[] = changes.map(change => ({ ...change, simulation: 'folds' }));
