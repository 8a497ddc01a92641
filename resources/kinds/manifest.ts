// The schema of a whole document of one kind, as a person or Kubernetes writes it.
import * as z from 'zod';
import { API_VERSION, type Kind, kinds, type SpecOf } from './index.ts';
import { metadata } from './shared/metadata.ts';

/** `status` belongs to the operator; it is tolerated, so that what `kubectl get` prints can be read back. */
export function manifestSchema<K extends Kind>(kind: K) {
  const spec: z.ZodType<SpecOf<K>> = kinds[kind].spec as unknown as z.ZodType<SpecOf<K>>;
  return z.strictObject({
    apiVersion: z.literal(API_VERSION).describe(`Version of the format: ${API_VERSION}.`),
    kind: z.literal(kind).describe(kinds[kind].summary),
    metadata: metadata(kind),
    spec: spec.describe(`What the ${kind} is to be.`),
    status: z.unknown().optional().describe('What the operator saw last; ignored in files.'),
  });
}
