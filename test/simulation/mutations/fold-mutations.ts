// Changes to how a fold writes its steps, whatever it folds.
import { type Mutation, one } from './mutation.ts';

const FOLD = 'worker/fold/fold.ts';

const changes: readonly Mutation[] = [
  one(
    'server-not-asked',
    'what one server of the store said is written to another that stands at the same position',
    FOLD,
    'const outcome = await store.apply(scope, all, { consumer, partition, after: position, upTo, server });',
    'const outcome = await store.apply(scope, all, { consumer, partition, after: position, upTo });',
  ),
];

export const foldMutations: readonly Mutation[] = changes.map(change => ({ ...change, simulation: 'folds' }));
