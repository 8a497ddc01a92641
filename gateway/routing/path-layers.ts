// The routes of one host by how their paths are spelled: for each way in which some of them fold a
// request's path, a tree of folded paths.
import { foldPath, foldRoute, hasMatrix, type PathFolds, withoutMatrix } from '../../core/paths/path-spelling.ts';
import type { Match, Route } from '../plan/plan.ts';
import { comparePaths, createTree, matchesAt, OTHER, placesFor, specificity, type Tree } from './route-tree.ts';

interface Layer {
  readonly folds: PathFolds;
  readonly tree: Tree;
  /** See `HostRoutes`. */
  readonly owning: Tree | undefined;
}

export interface Layers {
  /** Whether the path may mean something else to one of the routes than what its letters say. */
  concern(path: string): boolean;
  /** All routes that the path leads to with the method, the most specific first. */
  matches(method: string, path: string): Match[];
  /** The same of those that own their paths, whatever the method. */
  owners(path: string): Match[];
}

const LETTERS: PathFolds = { letterCase: false, matrix: false };

/** Undefined when all of the routes take paths letter by letter. */
export function createLayers(routes: readonly Route[]): Layers | undefined {
  if (routes.every(({ folds }) => folds === undefined)) return undefined;
  const groups = Map.groupBy(routes, ({ folds = LETTERS }) => `${folds.letterCase} ${folds.matrix}`);
  const layers = [...groups.values()].flatMap((group): Layer[] => {
    const [{ folds = LETTERS } = {}] = group;
    const owners = group.filter(({ owns }) => owns);
    const pathOf = ({ path }: Route) => foldRoute(path, folds);
    const owning = owners.length === 0 ? undefined : createTree(owners, () => [OTHER], pathOf);
    return [{ folds, tree: createTree(group, undefined, pathOf), owning }];
  });
  const anyCase = layers.some(({ folds }) => folds.letterCase);
  const matchesOf = (treeOf: (layer: Layer) => Tree | undefined, method: string, path: string) =>
    layers
      .flatMap(layer => {
        const tree = treeOf(layer);
        const folded = foldPath(path, layer.folds);
        // Parameters keep their letters.
        const values = layer.folds.matrix ? withoutMatrix(path) : path;
        return tree ? placesFor(tree, method, folded).flatMap(place => matchesAt(place, folded, values)) : [];
      })
      .sort(({ route: a }, { route: b }) => comparePaths(a, b) || specificity(b) - specificity(a));
  return {
    concern: path => anyCase || hasMatrix(path),
    matches: (method, path) => matchesOf(({ tree }) => tree, method, path),
    owners: path => matchesOf(({ owning }) => owning, OTHER, path),
  };
}
