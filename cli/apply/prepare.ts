// Reads an application, checks it as `tenfold validate` does, and bundles its functions: nothing of
// a wrong one reaches a cluster.
import type { Bundle } from '../../k8s/apply/bundle.ts';
import { sortProblems } from '../../resources/load/sort-problems.ts';
import type { AnyResource, Resource, ResourceProblem } from '../../resources/resource.ts';
import { type Bundled, bundleFunction } from '../source/bundle-function.ts';
import type { Terminal } from '../terminal.ts';
import { withFurther } from '../validate/further-problems.ts';
import { loadPaths } from '../validate/load-paths.ts';

export interface Prepared {
  readonly resources: readonly AnyResource[];
  readonly bundles: ReadonlyMap<AnyResource, Bundle>;
  /** Errors among them say that it cannot be applied. */
  readonly problems: readonly ResourceProblem[];
  /** Texts of the files of resources. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files that functions are made of, absolute. */
  readonly sources: ReadonlySet<string>;
}

/** `namespace`: of what names none. `bundle` makes the bundle of one function. */
export async function prepare(
  paths: readonly string[],
  namespace: string,
  terminal: Pick<Terminal, 'cwd' | 'stdin'>,
  bundle: (fn: Resource<'Function'>) => Promise<Bundled> = bundleFunction,
): Promise<Prepared> {
  const { texts, ...checked } = await loadPaths(paths, terminal, { namespace });
  const { resources } = checked;
  const problems = withFurther(checked);
  const bundles = new Map<AnyResource, Bundle>();
  const sources = new Set<string>();
  if (!problems.some(isError)) {
    const functions = resources.ofKind('Function').filter(({ spec }) => spec.source !== undefined);
    const made = await Promise.all(functions.map(async fn => [fn, await bundle(fn)] as const));
    const told = new Set<string>();
    for (const [fn, bundled] of made) {
      if (bundled.bundle) bundles.set(fn, bundled.bundle);
      for (const file of bundled.files) if (!file.includes('/node_modules/')) sources.add(file);
      // A file that several functions import is wrong once.
      problems.push(...newOnes(bundled, told));
    }
  }
  return { resources: resources.all, bundles, problems: sortProblems(problems), texts, sources };
}

export function isError({ severity }: ResourceProblem): boolean {
  return severity === 'error';
}

function newOnes({ problems }: Bundled, told: Set<string>): readonly ResourceProblem[] {
  return problems.filter(({ file, line, column, message }) => {
    const key = `${file}:${line}:${column} ${message}`;
    const isNew = !told.has(key);
    told.add(key);
    return isNew;
  });
}
