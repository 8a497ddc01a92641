// Says which routes a function has, and what was taken off the path before the call. It is for
// developers: callers of an installation learn nothing of it.
import type { Definition } from '../sdk/kernel/definition.ts';

/** Routes that one answer names. */
const MAX_NAMED = 20;

export function withExplainedRoutes(definition: Definition): Definition {
  if (definition.kind !== 'http' || !('find' in definition.target)) return definition;
  const { target } = definition;
  // A function may bring a copy of the SDK from before it had names.
  const names = target.names ?? [];
  return {
    kind: 'http',
    target: {
      names,
      find: (method, path) => target.find(method, path),
      explain: ({ path, headers }) =>
        [...routesText(names), ...prefixText(path, headers['x-forwarded-prefix'])].join(' '),
    },
  };
}

function routesText(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return [`Its routes are ${names.slice(0, MAX_NAMED).join(', ')}${rest}.`];
}

/** `prefix`: as the gateway says it. */
function prefixText(path: string, prefix: string | string[] | undefined): string[] {
  if (typeof prefix !== 'string' || prefix === '') return [];
  return [`The base path ${prefix} was taken off ${prefix}${path === '/' ? '' : path} before the call.`];
}
