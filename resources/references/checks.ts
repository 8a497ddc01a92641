// Everything that is checked between resources, once each of them is valid by itself.
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { sortProblems } from '../load/sort-problems.ts';
import { routesOfOthers } from '../ownership/clashing-routes.ts';
import { publicAlone } from '../ownership/listeners.ts';
import { unservedRoutes } from '../ownership/unserved-routes.ts';
import type { Draft, ResourceProblem } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import { aggregateCycles, partCycles } from './aggregates/aggregate-cycles.ts';
import type { Check, CheckContext } from './check.ts';
import { examplesMatch } from './examples-match.ts';
import { expressionsCompile } from './expressions-compile.ts';
import { claimsWithoutToken, unknownParameters, unsafeCopies } from './fail-always.ts';
import { foldersNotSensitive, keysNotSensitive } from './keys-not-sensitive.ts';
import { listsAreLists } from './lists-are-lists.ts';
import { markedValues } from './marked-values.ts';
import { otherNamespaces } from './other-namespaces.ts';
import { collidingRoutes } from './routes/colliding-routes.ts';
import { spellingHoles } from './routes/spelling-holes.ts';
import { rowsInOrder } from './rows-in-order.ts';
import { patternsCompile, schemasCompile } from './schemas-compile.ts';
import { isSound } from './sound.ts';
import { sourcesApart } from './sources-apart.ts';
import { sourcesExist } from './sources-exist.ts';
import { targetsExist } from './targets-exist.ts';
import { topicLoops } from './topic-loops.ts';
import { unfedViews } from './unfed-views.ts';
import { withoutEffect } from './without-effect.ts';

const checks: readonly Check[] = [
  targetsExist,
  otherNamespaces,
  sourcesExist,
  sourcesApart,
  expressionsCompile,
  schemasCompile,
  examplesMatch,
  patternsCompile,
  partCycles,
  aggregateCycles,
  collidingRoutes,
  spellingHoles,
  routesOfOthers,
  unservedRoutes,
  topicLoops,
  unfedViews,
  rowsInOrder,
  keysNotSensitive,
  foldersNotSensitive,
  listsAreLists,
  withoutEffect,
  unknownParameters,
  claimsWithoutToken,
  unsafeCopies,
];

/**
 * All problems, sorted by place. Without `filesBeside` files that resources name
 * are looked for on the disk.
 */
export function checkReferences(
  resources: ResourceSet,
  {
    broken = new Set(),
    drafts = [],
    routesSettled = false,
    listeners = publicAlone,
    filesBeside = createDirectoryReader(),
  }: Partial<Surroundings> = {},
): ResourceProblem[] {
  const declared = [...resources.all, ...drafts];
  const marked = declared.flatMap(markedValues).filter(({ resource, path }) => isSound(resource, path));
  const context: CheckContext = { resources, declared, marked, broken, routesSettled, listeners, filesBeside };
  return sortProblems(checks.flatMap(check => check(context)));
}

type Surroundings = Pick<CheckContext, 'broken' | 'routesSettled' | 'listeners' | 'filesBeside'> & {
  readonly drafts: readonly Draft[];
};

/** Reads each folder at most once. */
function createDirectoryReader(): CheckContext['filesBeside'] {
  const known = new Map<string, readonly string[] | undefined>();
  return path => {
    const directory = dirname(path);
    if (!known.has(directory)) known.set(directory, read(directory));
    return known.get(directory);
  };
}

function read(directory: string): string[] | undefined {
  try {
    return readdirSync(directory);
  } catch {
    return undefined;
  }
}
