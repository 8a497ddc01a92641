// The part that every document shares: apiVersion, kind and metadata, as Kubernetes writes them.
import * as z from 'zod';
import { label, subdomain } from './names.ts';
import { recordOf } from './record.ts';

/**
 * Kubernetes writes more members into metadata (uid, resourceVersion,
 * managedFields, …); they are tolerated.
 */
export function metadata(kind: string) {
  return z
    .looseObject({
      name: (kind === 'Topic' ? subdomain() : label()).describe(
        'Name of the resource; together with its kind it is unique in the namespace.',
      ),
      namespace: label().prefault('default').describe('Namespace; resources see those of their own namespace only.'),
      labels: recordOf(z.string().max(317), z.string().max(63), 256)
        .prefault({})
        .describe('Labels, to select resources by.'),
      annotations: recordOf(z.string().max(317), z.string(), 256)
        .prefault({})
        .describe('Annotations: any further text.'),
    })
    .describe('Name, namespace, labels and annotations.');
}
