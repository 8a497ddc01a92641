// Files that resources name and that are compiled with them, such as schemas of GraphQL endpoints:
// a change of one is a change of the resource.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ResourceSet } from '../resource-set.ts';

/** Whether a file of this name may be one. */
export function isNamedFile(name: string): boolean {
  return /\.(graphql|gql)$/.test(name);
}

/** Text by absolute path; empty for one that cannot be read, which is reported where it is used. */
export function readNamedFiles(resources: ResourceSet): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { spec, origin } of resources.ofKind('Api')) {
    if (spec.graphql === undefined) continue;
    const path = resolve(dirname(origin.file), spec.graphql.schema);
    if (!texts.has(path)) texts.set(path, read(path));
  }
  return texts;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
