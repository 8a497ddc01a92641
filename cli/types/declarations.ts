// Collects from the resources what the types of an application are about.
import { dirname, relative, resolve, sep } from 'node:path';
import type { Resource } from '../../resources/resource.ts';
import type { ResourceSet } from '../../resources/resource-set.ts';
import { type Declarations, type Declared, dataType, functionType } from './types-file.ts';

/** `directory` is where the file will lie; absolute. */
export function toDeclarations(resources: ResourceSet, directory: string): Declarations {
  return {
    functions: declare(resources.ofKind('Function'), resource => sourceType(resource, directory)),
    topics: declare(resources.ofKind('Topic'), resource => dataType(resource.spec.schema)),
    queues: declare(resources.ofKind('Queue'), resource => dataType(resource.spec.schema)),
    views: declare(resources.ofKind('View'), () => 'unknown'),
  };
}

/** A name that several namespaces use has all their types. */
function declare<R extends { readonly metadata: { readonly name: string } }>(
  resources: readonly R[],
  typeOf: (resource: R) => string,
): Declared[] {
  const byName = Map.groupBy(resources, resource => resource.metadata.name);
  return [...byName].map(([name, same]) => {
    const types = [...new Set(same.map(typeOf))];
    return { name, type: types.includes('unknown') ? 'unknown' : types.join(' | ') };
  });
}

/** A function at a url, or in an image, has no types here. */
function sourceType({ spec, origin }: Resource<'Function'>, directory: string): string {
  if (spec.source === undefined) return 'unknown';
  const file = resolve(directory, dirname(origin.file), spec.source);
  const path = relative(directory, file).split(sep).join('/');
  return functionType(path.startsWith('.') ? path : `./${path}`);
}
