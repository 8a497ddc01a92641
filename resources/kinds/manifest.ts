// The schema of a whole document of one kind, as a person or Kubernetes writes it.
import * as z from 'zod';
import { API_VERSION, type Kind, kinds } from './index.ts';
import { metadata } from './shared/metadata.ts';

/** The schema of documents of `kind`; the same one each time, as making one costs more than using it. */
export function manifestSchema<K extends Kind>(kind: K): ManifestSchemas[K] {
  return schemas[kind];
}

type ManifestSchemas = { readonly [K in Kind]: ReturnType<typeof create<K>> };

const schemas: ManifestSchemas = {
  Function: create('Function'),
  Topic: create('Topic'),
  Api: create('Api'),
  Aggregate: create('Aggregate'),
  Subscription: create('Subscription'),
  Strangler: create('Strangler'),
  Queue: create('Queue'),
  View: create('View'),
  Pipeline: create('Pipeline'),
  FanOut: create('FanOut'),
};

/** `status` belongs to the operator; it is tolerated, so that what `kubectl get` prints can be read back. */
function create<K extends Kind>(kind: K) {
  return z.strictObject({
    apiVersion: z.literal(API_VERSION).describe(`Version of the format: ${API_VERSION}.`),
    kind: z.literal(kind).describe(kinds[kind].summary),
    metadata: metadata(kind),
    spec: kinds[kind].spec,
    status: z.unknown().optional().describe('What the operator saw last; ignored in files.'),
  });
}
