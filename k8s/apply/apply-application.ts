// Brings a cluster in line with an application: writes its objects, and with `prune` deletes
// objects that it has no more.

import { TenfoldError } from '../../core/errors.ts';
import { API_VERSION } from '../../resources/kinds/index.ts';
import { type Kind, kindNames } from '../../resources/kinds/kind-names.ts';
import { isConflict, isRefused, type KubeError } from '../api/kube-error.ts';
import type { KubeObject } from '../api/kube-object.ts';
import { apiResourceOf } from '../api/tenfold-kinds.ts';
import { FUNCTION_LABEL } from '../providers/labels.ts';
import { applyFunction } from './apply-function.ts';
import { APPLICATION_LABEL } from './bundle.ts';
import type { DeclaredObject } from './declare.ts';
import { CONFIG_MAPS, type Writer } from './writer.ts';

export type AppliedAction = 'created' | 'configured' | 'unchanged' | 'deleted';

export interface Applied {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly action: AppliedAction;
  /** The object as the server answered, or as it was before it was deleted. */
  readonly object: KubeObject;
}

export interface Refused {
  readonly declared: DeclaredObject;
  readonly error: KubeError;
}

export interface ApplyResult {
  readonly applied: readonly Applied[];
  /**
   * The objects that the server refused; the rest was applied all the same, and nothing deleted.
   */
  readonly refused: readonly Refused[];
}

export interface ApplyApplicationOptions {
  readonly writer: Writer;
  readonly application: string | undefined;
  /**
   * Namespaces in which to look for what the application consists of no more;
   * undefined deletes nothing.
   */
  readonly prune: readonly string[] | undefined;
  /** Called for each object as soon as it is done. */
  done(applied: Applied): void;
}

export async function applyApplication(
  declared: readonly DeclaredObject[],
  options: ApplyApplicationOptions,
): Promise<ApplyResult> {
  const { writer, application, done } = options;
  const live = await readLive(writer, declared);
  const applied: Applied[] = [];
  const refused: Refused[] = [];
  for (const one of declared) {
    const { kind } = one.resource;
    const { name, namespace = 'default' } = one.object.metadata;
    const before = live.get(keyOf(kind, one.object));
    try {
      const after = one.bundle
        ? await applyFunction(writer, { object: one.object, bundle: one.bundle, application, live: before })
        : await writer.apply(apiResourceOf(kind), one.object);
      const result: Applied = { kind, namespace, name, action: actionOf(before, after), object: after };
      applied.push(result);
      done(result);
    } catch (error) {
      // After these errors the others may still be taken. Any other error concerns all objects.
      if (!isRefused(error) && !isConflict(error)) throw error;
      refused.push({ declared: one, error: error as KubeError });
    }
  }
  if (options.prune !== undefined && application !== undefined && refused.length === 0) {
    const wanted = new Set(declared.map(({ resource, object }) => keyOf(resource.kind, object)));
    for (const one of await deleteOthers(writer, application, options.prune, key => wanted.has(key))) {
      applied.push(one);
      done(one);
    }
  }
  return { applied, refused };
}

/**
 * Deletes all objects of an application in these namespaces but `stays`, which holds
 * `Kind/namespace/name`.
 */
export async function deleteOthers(
  writer: Writer,
  application: string,
  namespaces: readonly string[],
  stays: (key: string) => boolean = () => false,
): Promise<readonly Applied[]> {
  const label = `${APPLICATION_LABEL}=${application}`;
  const deleted: Applied[] = [];
  for (const namespace of namespaces) {
    // Routes go before the targets that they lead to.
    for (const kind of [...kindNames].reverse()) {
      for (const object of (await writer.list(apiResourceOf(kind), namespace, label)) ?? []) {
        if (stays(keyOf(kind, object)) || object.metadata.deletionTimestamp !== undefined) continue;
        await writer.remove(apiResourceOf(kind), object);
        deleted.push({ kind, namespace, name: object.metadata.name, action: 'deleted', object });
      }
    }
    // Code goes with its Function; this removes code that an interrupted apply left before there
    // was one.
    for (const object of (await writer.list(CONFIG_MAPS, namespace, label)) ?? []) {
      const fn = object.metadata.labels?.[FUNCTION_LABEL];
      const isOrphan = fn !== undefined && (object.metadata.ownerReferences ?? []).length === 0;
      if (isOrphan && !stays(`Function/${namespace}/${fn}`)) await writer.remove(CONFIG_MAPS, object);
    }
  }
  return deleted;
}

async function readLive(writer: Writer, declared: readonly DeclaredObject[]): Promise<Map<string, KubeObject>> {
  const live = new Map<string, KubeObject>();
  const groups = new Map<string, { readonly kind: Kind; readonly namespace: string }>();
  for (const { resource, object } of declared) {
    const { namespace = 'default' } = object.metadata;
    groups.set(`${resource.kind}/${namespace}`, { kind: resource.kind, namespace });
  }
  for (const { kind, namespace } of groups.values()) {
    const objects = await writer.list(apiResourceOf(kind), namespace);
    if (objects === undefined)
      throw new TenfoldError('unsupported', `The cluster does not know ${API_VERSION} ${kind}: its CRDs are missing.`);
    for (const object of objects) live.set(keyOf(kind, object), { ...object, apiVersion: API_VERSION });
  }
  return live;
}

function actionOf(before: KubeObject | undefined, after: KubeObject): AppliedAction {
  if (before === undefined) return 'created';
  return before.metadata.resourceVersion === after.metadata.resourceVersion ? 'unchanged' : 'configured';
}

function keyOf(kind: Kind, { metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ?? 'default'}/${metadata.name}`;
}
