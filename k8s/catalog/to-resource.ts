// Converts an object of the cluster to a resource, by the same schemas that read files.
import type { Kind } from '../../resources/kinds/kind-names.ts';
import { loadDocument } from '../../resources/load/load-text.ts';
import type { AnyResource, Origin, ResourceProblem } from '../../resources/resource.ts';
import type { KubeObject } from '../api/kube-object.ts';

export type Parsed = { readonly resource: AnyResource } | { readonly problems: readonly ResourceProblem[] };

/** The file that problems of an object name: objects have no files. Unique for each object. */
export function originFileOf(kind: Kind, namespace: string, name: string): string {
  return `${namespace}/${kind}/${name}`;
}

export function toResource(kind: Kind, object: KubeObject): Parsed {
  const { name, namespace = 'default', labels = {}, annotations = {} } = object.metadata;
  const origin: Origin = { file: originFileOf(kind, namespace, name), line: 1, column: 1 };
  const { apiVersion, spec } = object;
  const value = {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, annotations: annotationsOf(annotations) },
    spec,
  };
  return loadDocument(kind, { value, origin, locate: () => origin });
}

/** The note that kubectl keeps for itself repeats the whole object. */
const KUBECTL = 'kubectl.kubernetes.io/last-applied-configuration';

function annotationsOf(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!(KUBECTL in annotations)) return annotations;
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== KUBECTL));
}

/** Lines and columns are of files. */
export function messageOf({ path, message }: ResourceProblem): string {
  const text = message.replaceAll(/(\S+\/[A-Z][A-Za-z]+\/[^\s:()]+):1(:1)?\b/g, '$1');
  return path === '' ? text : `${path}: ${text}`;
}
