// A Function as it is loaded from a spec.
import assert from 'node:assert/strict';
import { toResource } from '../../k8s/catalog/to-resource.ts';
import { API_VERSION } from '../../resources/kinds/index.ts';
import type { Resource } from '../../resources/resource.ts';

export function functionOf(spec: object, name = 'menu'): Resource<'Function'> {
  const parsed = toResource('Function', { apiVersion: API_VERSION, kind: 'Function', metadata: { name }, spec });
  assert.ok('resource' in parsed, JSON.stringify(parsed));
  assert.ok(parsed.resource.kind === 'Function');
  return parsed.resource;
}
