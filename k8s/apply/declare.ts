// From resources of files to the objects that should be in a cluster, with
// the files that they name.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { API_VERSION } from '../../resources/kinds/index.ts';
import type { Kind } from '../../resources/kinds/kind-names.ts';
import { problemAt } from '../../resources/references/check.ts';
import type { AnyResource, ResourceProblem } from '../../resources/resource.ts';
import { type KubeObject, read, readText } from '../api/kube-object.ts';
import { APPLICATION_LABEL, type Bundle, bundleName, SOURCE_ANNOTATION } from './bundle.ts';

/** On an Api: the text of the schema of its GraphQL endpoint, which elsewhere is a file. */
const GRAPHQL_ANNOTATION = 'tenfold.dev/graphql-schema';

/** All annotations of an object together have at most 256 KiB. */
const MAX_SCHEMA_BYTES = 200_000;

export interface DeclaredObject {
  readonly resource: AnyResource;
  readonly object: KubeObject;
  /** The bundle of a Function with `source`. */
  readonly bundle: Bundle | undefined;
}

export interface DeclareOptions {
  /** The namespace of resources that name none. */
  readonly namespace: string;
  readonly application: string | undefined;
  bundleOf(resource: AnyResource): Bundle | undefined;
}

/** Resources that others lead to come first. */
const ORDER: readonly Kind[] = [
  'Topic',
  'Function',
  'Queue',
  'View',
  'Subscription',
  'Pipeline',
  'FanOut',
  'Aggregate',
  'Strangler',
  'Api',
];

export function declare(
  resources: readonly AnyResource[],
  options: DeclareOptions,
): { readonly declared: readonly DeclaredObject[]; readonly problems: readonly ResourceProblem[] } {
  const problems: ResourceProblem[] = [];
  const declared = resources
    .map(resource => {
      const bundle = options.bundleOf(resource);
      const schema = readSchema(resource, problems);
      return { resource, bundle, object: toObject(resource, options, bundle, schema) };
    })
    .sort((a, b) => ORDER.indexOf(a.resource.kind) - ORDER.indexOf(b.resource.kind));
  return { declared, problems };
}

function toObject(
  { kind, metadata, manifest }: AnyResource,
  { namespace, application }: DeclareOptions,
  bundle: Bundle | undefined,
  schema: string | undefined,
): KubeObject {
  const { name } = metadata;
  const labels = { ...metadata.labels, ...(application === undefined ? {} : { [APPLICATION_LABEL]: application }) };
  const annotations = {
    ...metadata.annotations,
    ...(bundle === undefined ? {} : { [SOURCE_ANNOTATION]: bundleName(name, bundle) }),
    ...(schema === undefined ? {} : { [GRAPHQL_ANNOTATION]: schema }),
  };
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: {
      name,
      namespace: readText(manifest, 'metadata', 'namespace') ?? namespace,
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: read(manifest, 'spec') ?? {},
  };
}

function readSchema(resource: AnyResource, problems: ResourceProblem[]): string | undefined {
  if (resource.kind !== 'Api' || resource.spec.graphql === undefined) return undefined;
  const { schema } = resource.spec.graphql;
  const text = readFileSync(resolve(dirname(resource.origin.file), schema), 'utf8');
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_SCHEMA_BYTES) return text;
  const message = `${schema} has ${bytes} bytes; at most ${MAX_SCHEMA_BYTES} can be stored with an Api. Leave out descriptions, or divide the schema among several Apis.`;
  problems.push(problemAt(resource, ['spec', 'graphql', 'schema'], { message }));
  return undefined;
}
