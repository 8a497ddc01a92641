// Brings a Function with its code into a cluster: never a Function before its code, never code that
// nothing removes.
import { isNotFound } from '../api/kube-error.ts';
import { type ApiResource, type KubeObject, type OwnerReference, read } from '../api/kube-object.ts';
import { apiResourceOf } from '../api/tenfold-kinds.ts';
import { FUNCTION_LABEL } from '../providers/labels.ts';
import { type Bundle, bundleName, bundleObject } from './bundle.ts';
import { CONFIG_MAPS, type Writer } from './writer.ts';

export interface FunctionToApply {
  readonly object: KubeObject;
  readonly bundle: Bundle;
  readonly application: string | undefined;
  /** The Function in its state in the cluster. */
  readonly live: KubeObject | undefined;
}

/** The number of older ones that stay: for instances of the versions before, and for a rollback. */
const KEPT = 2;
const FUNCTIONS: ApiResource = apiResourceOf('Function');

export async function applyFunction(writer: Writer, fn: FunctionToApply): Promise<KubeObject> {
  const { object, bundle, application, live } = fn;
  const { name, namespace = 'default' } = object.metadata;
  const labels = `${FUNCTION_LABEL}=${name}`;
  const kept = (await writer.list(CONFIG_MAPS, namespace, labels)) ?? [];
  const current = bundleName(name, bundle);
  const codeFor = (owner: KubeObject | undefined) =>
    bundleObject({ name, namespace }, bundle, application, owner && ownerOf(owner));
  const there = kept.find(({ metadata }) => metadata.name === current);
  // The content of such a ConfigMap never changes under its name.
  if (!there) await writer.apply(CONFIG_MAPS, codeFor(live));
  const applied = await writer.apply(FUNCTIONS, object);
  // The one that a Function of the same name left behind is about to be taken away with it.
  const isOwned = there ? belongsTo(there, applied) : live !== undefined && belongsTo(codeFor(live), applied);
  if (!isOwned) {
    await writer.adopt(CONFIG_MAPS, codeFor(applied)).catch(async error => {
      if (!isNotFound(error)) throw error;
      await writer.apply(CONFIG_MAPS, codeFor(applied));
    });
  }
  // Behind a canary there is a version that may be older than those, and may
  // start instances at any time.
  if (hasCanary(object) || hasCanary(live)) return applied;
  for (const old of outdated(kept, current)) await writer.remove(CONFIG_MAPS, old);
  return applied;
}

/** The newest stay. */
function outdated(kept: readonly KubeObject[], current: string): readonly KubeObject[] {
  const age = ({ metadata }: KubeObject) => metadata.creationTimestamp ?? '';
  return kept
    .filter(({ metadata }) => metadata.name !== current)
    .sort((a, b) => age(b).localeCompare(age(a)))
    .slice(KEPT);
}

function hasCanary(fn: KubeObject | undefined): boolean {
  return read(fn, 'spec', 'canary') !== undefined;
}

function belongsTo(code: KubeObject, { metadata }: KubeObject): boolean {
  return (code.metadata.ownerReferences ?? []).some(({ uid }) => uid === metadata.uid);
}

function ownerOf({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' };
}
