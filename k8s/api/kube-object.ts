// The fields that every object of Kubernetes has, and the kinds of objects that are read or written
// here.

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** One kind of objects as the API serves it. `group` is empty for the core. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
}

/** The text in objects: `v1` of the core, else with the group. */
export function apiVersionOf({ group, version }: Pick<ApiResource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Path of all objects of a kind, in one namespace or in all. */
export function collectionPath({ group, version, plural }: ApiResource, namespace?: string): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined
    ? `${root}/${plural}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

export function objectPath(resource: ApiResource, namespace: string, name: string): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

/** Undefined for a value that is no object, which only a broken server or proxy sends. */
export function toKubeObject(value: unknown): KubeObject | undefined {
  if (typeof value !== 'object' || value === null || !('metadata' in value)) return undefined;
  const { metadata } = value;
  if (typeof metadata !== 'object' || metadata === null || !('name' in metadata)) return undefined;
  return typeof metadata.name === 'string' ? (value as KubeObject) : undefined;
}

/** The value of a nested member, where objects come from the API and their shape is not ours. */
export function read(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}

export function readNumber(value: unknown, ...path: readonly string[]): number | undefined {
  const found = read(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

export function readText(value: unknown, ...path: readonly string[]): string | undefined {
  const found = read(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function readList(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = read(value, ...path);
  return Array.isArray(found) ? found : [];
}
