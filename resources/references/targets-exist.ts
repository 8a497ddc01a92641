// Every name of another resource must be that of one in the same namespace.
import { suggest } from '../../core/suggest.ts';
import { resourceKey } from '../resource.ts';
import { type Check, problemAt } from './check.ts';

export const targetsExist: Check = ({ resources, declared, marked, broken }) =>
  marked.flatMap(({ resource, path, value, marks }) => {
    const kind = marks.reference;
    if (kind === undefined || typeof value !== 'string') return [];
    const { namespace } = resource.metadata;
    if (resources.get(kind, namespace, value) || broken.has(resourceKey(kind, namespace, value))) return [];
    // Resources with mistakes of their own exist all the same.
    const names = declared
      .filter(one => one.kind === kind && one.metadata.namespace === namespace)
      .flatMap(one => one.metadata.name ?? []);
    const suggestion = suggest(value, names);
    const elsewhere = resources.ofKind(kind).find(one => one.metadata.name === value)?.metadata.namespace;
    const hint =
      suggestion !== undefined
        ? `Did you mean "${suggestion}"?`
        : elsewhere !== undefined
          ? `There is one in the namespace "${elsewhere}", but resources see those of their own namespace only.`
          : `Declare it, or name another ${kind}.`;
    const message = `There is no ${kind} "${value}" in the namespace "${namespace}". ${hint}`;
    return [
      problemAt(resource, path, {
        message,
        expected: expectedNames(kind, names),
        suggestion,
      }),
    ];
  });

const SHOWN = 10;

function expectedNames(kind: string, names: readonly string[]): string {
  if (names.length === 0) return `the name of a ${kind} (there is none yet)`;
  const rest = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '';
  return `one of ${names.slice(0, SHOWN).join(', ')}${rest}`;
}
