// Declarations that are valid by themselves and would fail at every call. Examples are parameters
// that the path does not have, claims that no token brings, and copies of calls that are not safe.
import { compileTemplate } from '../../core/cel/template.ts';
import type { ResourceProblem } from '../resource.ts';
import { isWritten } from '../written.ts';
import { certainParts } from './aggregates/certain-parts.ts';
import { type Check, problemAt } from './check.ts';
import type { MarkedValue } from './marked-values.ts';
import { scopeOf } from './scopes.ts';
import { isAbsent, soundAt } from './sound.ts';

export const unknownParameters: Check = ({ marked }) =>
  marked.flatMap(value => {
    const path = pathOfRoute(value);
    if (path === undefined) return [];
    const known = new Set(path.match(/(?<=:)[A-Za-z_][A-Za-z0-9_]*/g));
    return referencesOf(value).flatMap(reference => {
      const [, name] = /^(?:request\.)?params\.([^.]+)/.exec(reference) ?? [];
      if (name === undefined || known.has(name)) return [];
      const message = `The path ${path} has no parameter "${name}". Write ":${name}" in the path, or remove it here.`;
      return [problemAt(value.resource, value.path, { message })];
    });
  });

export const claimsWithoutToken: Check = ({ marked }) =>
  marked.flatMap(value => {
    const { resource } = value;
    const brings = resource.kind !== 'Api' || !isAbsent(resource, ['spec', 'auth', 'jwt']);
    if (brings || !referencesOf(value).some(reference => /^claims(\.|$)/.test(reference))) return [];
    const message =
      'The Api has no auth.jwt, so there are no claims. Give auth.jwt, or remove this; "consumer" is the name of the API key.';
    return [problemAt(resource, value.path, { message })];
  });

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY', 'TRACE']);

/**
 * A second call of another kind would do a second time what the first did; an answer to
 * it is no copy of anything.
 */
export const unsafeCopies: Check = ({ declared }) =>
  declared
    .filter(({ kind }) => kind === 'Aggregate')
    .flatMap(aggregate =>
      certainParts(aggregate).flatMap(name =>
        (['hedge', 'cache'] as const).flatMap((member): ResourceProblem[] => {
          const part = ['spec', 'parts', name];
          const method = soundAt(aggregate, [...part, 'method']);
          if (!isWritten(aggregate, [...part, member]) || typeof method !== 'string' || SAFE.has(method)) return [];
          const what = member === 'hedge' ? 'called twice at the same time' : 'answered from a cache';
          const message = `Only a part with a safe method, such as GET, can be ${what}; this one is a ${method}. Remove "${member}", or change the method.`;
          return [problemAt(aggregate, [...part, member], { message })];
        }),
      ),
    );

/** The path of the route or feature in which a value stands; undefined for values elsewhere. */
function pathOfRoute({ resource, path }: MarkedValue): string | undefined {
  const [, list, index] = path;
  const isRoute = resource.kind === 'Api' ? list === 'routes' : resource.kind === 'Strangler' && list === 'features';
  if (!isRoute || list === undefined || index === undefined) return undefined;
  const written = soundAt(resource, ['spec', list, index, 'match', 'path']);
  return typeof written === 'string' ? written : undefined;
}

/**
 * The values of the request that a template reads. Another check reports a template that does not
 * compile.
 */
function referencesOf({ value, marks }: MarkedValue): readonly string[] {
  if (marks.expression?.scope !== 'request' || typeof value !== 'string') return [];
  try {
    return compileTemplate(value, scopeOf('request')).references;
  } catch {
    return [];
  }
}
