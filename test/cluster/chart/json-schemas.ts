// JSON Schemas of all kinds that an API server has, as files that kubeconform reads:
// what is unknown is refused.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../eventually.ts';
import type { KubeClient } from '../kube-client.ts';

type Schema = Readonly<Record<string, unknown>>;

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface Crd {
  readonly spec: { readonly group: string; readonly names: { readonly kind: string } };
}

const KINDS = 'x-kubernetes-group-version-kind';

/** Gives the location that kubeconform is told: a file for each kind in `folder`. */
export async function writeSchemas(client: KubeClient, folder: string): Promise<string> {
  const definitions = await readDefinitions(client);
  await mkdir(folder, { recursive: true });
  const closed = Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, toJsonSchema(schema)]));
  await writeFile(join(folder, 'definitions.json'), JSON.stringify({ definitions: closed }));
  for (const [name, schema] of Object.entries(definitions)) {
    for (const { group, version, kind } of (schema[KINDS] ?? []) as GroupVersionKind[]) {
      // The core's group has no name; kubeconform takes its version for one.
      const file = `${kind}-${group || version}-${version}.json`.toLowerCase();
      await writeFile(join(folder, file), JSON.stringify({ $ref: `definitions.json#/definitions/${name}` }));
    }
  }
  return join(folder, '{{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}.json');
}

/** An API server serves the objects of a CRD for some moments before it publishes their schema. */
async function readDefinitions(client: KubeClient): Promise<Record<string, Schema>> {
  const crds = (await read(client, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions')).items as readonly Crd[];
  let definitions: Record<string, Schema> = {};
  await eventually(async () => {
    definitions = (await read(client, '/openapi/v2')).definitions as Record<string, Schema>;
    const published = Object.values(definitions).flatMap(schema => (schema[KINDS] ?? []) as GroupVersionKind[]);
    return crds.every(({ spec: { group, names } }) =>
      published.some(each => each.group === group && each.kind === names.kind),
    );
  }, 'the schemas of all CRDs are published');
  return definitions;
}

async function read(client: KubeClient, path: string): Promise<Readonly<Record<string, unknown>>> {
  const { status, body } = await client.request('GET', path);
  if (status !== 200) throw new Error(`${path} answered ${status}`);
  return body;
}

/** OpenAPI leaves open what is not named, and calls both `8080` and `http` a text. */
function toJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const schema = value as Schema;
  if (schema['format'] === 'int-or-string' || schema['x-kubernetes-int-or-string'] === true)
    return { type: ['string', 'integer'] };
  const inner = Object.fromEntries(Object.entries(schema).map(([key, each]) => [key, toJsonSchema(each)]));
  if (typeof inner['$ref'] === 'string') return { ...inner, $ref: inner['$ref'].replace(/^#\//, 'definitions.json#/') };
  const isClosed =
    schema['type'] === 'object' &&
    typeof schema['properties'] === 'object' &&
    schema['additionalProperties'] === undefined &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true;
  return isClosed ? { ...inner, additionalProperties: false } : inner;
}
