// The schema of a whole document of one kind, as a person or Kubernetes writes it.
import * as z from 'zod';
import { metadata } from './fields/metadata.ts';
import { API_VERSION, kinds } from './index.ts';
import type { Kind } from './kind-names.ts';

/**
 * The schema of documents of `kind`; the same one each time, as making one
 * costs more than using it.
 */
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

/**
 * `status` belongs to the operator; it is tolerated, so that what `kubectl
 * get` prints can be read back.
 */
function create<K extends Kind>(kind: K) {
  const document = z.strictObject({
    apiVersion: z.literal(API_VERSION).describe(`Version of the format: ${API_VERSION}.`),
    kind: z.literal(kind).describe(kinds[kind].summary),
    metadata: metadata(kind),
    spec: kinds[kind].spec,
    status: z.unknown().optional().describe('The state that the operator saw last; ignored in files.'),
  });
  return z.preprocess(refusePrototypes, document);
}

/**
 * zod leaves members called `__proto__` out of maps without a word, and nothing that is
 * written may be ignored silently.
 */
function refusePrototypes(document: unknown, context: z.RefinementCtx): unknown {
  const found = [...withPrototypes(document, [], new Set())];
  if (found.length === 0) return document;
  for (const { path, input } of found) {
    context.issues.push({ code: 'unrecognized_keys', keys: ['__proto__'], path, input });
  }
  // Without them what follows finds the other mistakes, and not these again.
  const rest = structuredClone(document);
  for (const { input } of withPrototypes(rest, [], new Set())) Reflect.deleteProperty(input, '__proto__');
  return rest;
}

interface Found {
  readonly path: PropertyKey[];
  readonly input: Record<string, unknown>;
}

/**
 * `seen` keeps documents whose parts share parts (YAML aliases) from being walked again and again.
 */
function* withPrototypes(value: unknown, path: PropertyKey[], seen: Set<unknown>): Generator<Found> {
  if (!isObject(value) || seen.has(value)) return;
  seen.add(value);
  if (Object.hasOwn(value, '__proto__')) yield { path, input: value };
  for (const [name, member] of Object.entries(value)) {
    yield* withPrototypes(member, [...path, Array.isArray(value) ? Number(name) : name], seen);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
