// Which resources a resource names.
import { type AnyResource, resourceKey } from '../resource.ts';
import { markedValues } from './marked-values.ts';

/** Keys of the resources that this one names. */
export function namedKeys(resource: AnyResource): string[] {
  const { namespace } = resource.metadata;
  const names = markedValues(resource).flatMap(({ marks, value }) =>
    marks.reference === undefined || typeof value !== 'string' ? [] : [resourceKey(marks.reference, namespace, value)],
  );
  return [...new Set(names)];
}
