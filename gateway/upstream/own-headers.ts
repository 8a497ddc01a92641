// Header fields that a Function by url gets with every call, e.g. the credentials of an external
// API.
import type { Resource } from '../../resources/resource.ts';
import type { PlanContext } from '../plan/plan-context.ts';
import { isOurs } from '../steps/rewrite.ts';

/** Name and value in turn. Reports what cannot be set or has no value. */
export function ownHeaders(context: PlanContext, resource: Resource<'Function'>): readonly string[] {
  const fields: string[] = [];
  for (const [index, { name, value, valueFrom }] of (resource.spec.headers ?? []).entries()) {
    const path = ['spec', 'headers', index];
    if (isOurs(name)) {
      const message = `${name} is written by the gateway itself and cannot be set here. Remove it.`;
      context.report('error', resource, [...path, 'name'], message);
      continue;
    }
    const secret = valueFrom?.secretKeyRef;
    const found = value ?? (secret && context.secrets(resource.metadata.namespace, secret.name)?.[secret.key]);
    if (found !== undefined) fields.push(name, found);
    else if (!(secret ?? valueFrom?.configMapKeyRef)?.optional) {
      const message = secret
        ? `There is no Secret ${secret.name} with the key ${secret.key}, so ${name} has no value. Create it: on a laptop it is a file in .tenfold/secrets, in a cluster it is mounted where cluster.secrets says.`
        : `ConfigMaps are not read for headers, so ${name} has no value. Give the value itself.`;
      context.report('error', resource, [...path, 'valueFrom'], message);
    }
  }
  if (resource.spec.headers !== undefined && resource.spec.url === undefined) {
    context.report('error', resource, ['spec', 'headers'], '"headers" are for a Function with a url. Remove them.');
  }
  return fields;
}
