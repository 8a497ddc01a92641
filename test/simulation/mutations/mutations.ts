// All changes that the simulation must find.
import { dispatchMutations } from './dispatch-mutations.ts';
import { fanOutMutations } from './fan-out-mutations.ts';
import { foldMutations } from './fold-mutations.ts';
import type { Mutation } from './mutation.ts';
import { orderMutations } from './order-mutations.ts';
import { parkingLogMutations } from './parking-log-mutations.ts';
import { pipelineMutations } from './pipeline-mutations.ts';
import { shareMutations } from './share-mutations.ts';
import { storyMutations } from './story-mutations.ts';
import { viewMutations } from './view-mutations.ts';

export const mutations: readonly Mutation[] = [
  ...parkingLogMutations,
  ...dispatchMutations,
  ...orderMutations,
  ...shareMutations,
  ...storyMutations,
  ...fanOutMutations,
  ...foldMutations,
  ...viewMutations,
  ...pipelineMutations,
];

export function findMutation(name: string): Mutation {
  const found = mutations.find(mutation => mutation.name === name);
  if (!found) throw new Error(`no mutation ${name}`);
  return found;
}
