// The files that resources name must exist: sources of Functions, schemas of GraphQL endpoints.
import { basename, dirname, join, resolve } from 'node:path';
import { suggest } from '../../core/suggest.ts';
import type { Kind } from '../kinds/kind-names.ts';
import type { Path, ResourceProblem } from '../resource.ts';
import { type Check, type CheckContext, problemAt } from './check.ts';
import type { Declared } from './declared.ts';
import { soundAt } from './sound.ts';

export const sourcesExist: Check = context => [
  ...missing('Function', ['spec', 'source'], context),
  ...missing('Api', ['spec', 'graphql', 'schema'], context),
];

function missing(kind: Kind, path: Path, context: CheckContext): ResourceProblem[] {
  return context.declared.filter(one => one.kind === kind).flatMap(one => missingOf(one, path, context));
}

function missingOf(resource: Declared, path: Path, context: CheckContext): ResourceProblem[] {
  const file = soundAt(resource, path);
  if (typeof file !== 'string') return [];
  const absolute = resolve(dirname(resource.origin.file), file);
  const beside = context.filesBeside(absolute);
  if (beside?.includes(basename(absolute))) return [];
  const near = suggest(basename(absolute), beside ?? []);
  const suggestion =
    near === undefined ? undefined : `${file.startsWith('./') ? './' : ''}${join(dirname(file), near)}`;
  const hint =
    suggestion === undefined ? 'Its path is relative to the file that declares it.' : `Did you mean "${suggestion}"?`;
  return [problemAt(resource, path, { message: `There is no file ${file}. ${hint}`, suggestion })];
}
