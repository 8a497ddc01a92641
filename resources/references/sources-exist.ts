// The files that resources name must be there: sources of Functions, schemas of GraphQL doors.
import { basename, dirname, join, resolve } from 'node:path';
import { suggest } from '../../core/suggest.ts';
import type { AnyResource, Path, ResourceProblem } from '../resource.ts';
import { type Check, type CheckContext, problemAt } from './check.ts';

export const sourcesExist: Check = context => [
  ...context.resources.ofKind('Function').flatMap(one => missing(one, ['spec', 'source'], one.spec.source, context)),
  ...context.resources
    .ofKind('Api')
    .flatMap(one => missing(one, ['spec', 'graphql', 'schema'], one.spec.graphql?.schema, context)),
];

function missing(
  resource: AnyResource,
  path: Path,
  file: string | undefined,
  context: CheckContext,
): ResourceProblem[] {
  if (file === undefined) return [];
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
