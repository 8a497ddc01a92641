// Loads resources from text and checks them, for the tests of single checks.
import assert from 'node:assert/strict';
import { loadFiles } from '../../../resources/load/load-directory.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import type { ResourceProblem } from '../../../resources/resource.ts';

/** Shorthand for documents: kind, name and spec in YAML's flow style. */
export type Declared = readonly [kind: string, name: string, spec: string, namespace?: string];

/** A Function, Topic, … `a` to refer to. */
export const stock: readonly Declared[] = [
  ['Function', 'orders', '{ url: "http://orders" }'],
  ['Topic', 'created', '{}'],
];

export function check(declared: readonly Declared[], files: readonly string[] = []): ResourceProblem[] {
  const text = declared
    .map(
      ([kind, name, spec, namespace = 'default']) =>
        `apiVersion: tenfold.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: ${spec}\n`,
    )
    .join('---\n');
  const loaded = loadFiles([{ file: 'app.yaml', text }]);
  assert.deepEqual(loaded.problems, [], 'the resources of the test have to be valid by themselves');
  return checkReferences(loaded.resources, { ...loaded, filesBeside: () => files });
}

/** `path | message` of each problem. */
export function findings(declared: readonly Declared[], files?: readonly string[]): string[] {
  return check(declared, files).map(({ path, message }) => `${path} | ${message}`);
}
