// Brings the objects of one owner in line with what is wanted, writing only where something differs.
import { createHash } from 'node:crypto';
import type { KubeClient } from '../api/kube-client.ts';
import { isNotFound } from '../api/kube-error.ts';
import { type ApiResource, type KubeObject, objectPath, readNumber, toKubeObject } from '../api/kube-object.ts';
import { MANAGER } from '../providers/deployment/names.ts';
import { NameTakenError } from '../providers/provider.ts';
import { covers } from './covers.ts';

export interface ApplyOptions {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  resourceOf(object: KubeObject): ApiResource;
  /** Is told what the API server made of each write. */
  wrote(object: KubeObject): void;
}

/** What was wanted last, so that a field that is wanted no more is noticed. */
const APPLIED = 'tenfold.dev/applied';
const APPLY = 'application/apply-patch+yaml';
/** Holds the number of instances while it changes hands from us to an autoscaler. */
const HANDOVER = `${MANAGER}-handover`;

/** Of `live`, which are those of the owner that are there, what is not wanted goes. Answers whether anything was written. */
export async function applyObjects(
  options: ApplyOptions,
  ownerUid: string,
  wanted: readonly KubeObject[],
  live: readonly KubeObject[],
): Promise<boolean> {
  let wrote = false;
  for (const object of wanted) wrote = (await applyObject(options, ownerUid, object, find(live, object))) || wrote;
  for (const object of live) {
    if (find(wanted, object) || object.metadata.deletionTimestamp !== undefined) continue;
    await remove(options, object);
    wrote = true;
  }
  return wrote;
}

async function applyObject(
  options: ApplyOptions,
  ownerUid: string,
  wanted: KubeObject,
  live: KubeObject | undefined,
): Promise<boolean> {
  const object = withHash(wanted);
  if (live && covers(live, object)) return false;
  const path = pathOf(options, object);
  // What is there without being followed is not ours, as a rule.
  if (!live) await assertFree(options, path, ownerUid, object);
  const handover = handoverOf(object, live);
  if (handover) await patch(options, path, handover, HANDOVER);
  await patch(options, path, object, MANAGER);
  return true;
}

async function assertFree(options: ApplyOptions, path: string, ownerUid: string, wanted: KubeObject): Promise<void> {
  const { client, signal } = options;
  const there = await client.call('GET', path, { signal }).catch(error => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (there === undefined) return;
  const owners = (there as KubeObject).metadata.ownerReferences ?? [];
  if (owners.some(({ uid }) => uid === ownerUid)) return;
  const { namespace, name } = wanted.metadata;
  throw new NameTakenError(
    `There is a ${wanted.kind} ${name} in the namespace "${namespace}" already, and it is not of this Function. Delete or rename it.`,
  );
}

/** An autoscaler takes a number of instances over as it finds it, which must not be lost when we cease to say it; none at all it leaves alone. */
function handoverOf(wanted: KubeObject, live: KubeObject | undefined): KubeObject | undefined {
  if (!live || wanted.kind !== 'Deployment' || readNumber(wanted, 'spec', 'replicas') !== undefined) return undefined;
  const before = readNumber(live, 'spec', 'replicas');
  const { apiVersion, kind, metadata } = wanted;
  const { name, namespace } = metadata;
  if (before === undefined || live.metadata.annotations?.[APPLIED] === wanted.metadata.annotations?.[APPLIED])
    return undefined;
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace ? { namespace } : {}) },
    spec: { replicas: Math.max(1, before) },
  };
}

async function patch(options: ApplyOptions, path: string, body: KubeObject, fieldManager: string): Promise<void> {
  const { client, signal, wrote } = options;
  const query = { fieldManager, force: true, fieldValidation: 'Strict' };
  const answer = toKubeObject(await client.call('PATCH', path, { query, body, contentType: APPLY, signal }));
  if (answer) wrote(answer);
}

async function remove(options: ApplyOptions, object: KubeObject): Promise<void> {
  const { uid } = object.metadata;
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions: { uid } };
  try {
    await options.client.call('DELETE', pathOf(options, object), { body, signal: options.signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function withHash(object: KubeObject): KubeObject {
  const hash = createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 16);
  const annotations = { ...object.metadata.annotations, [APPLIED]: hash };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function find(objects: readonly KubeObject[], { apiVersion, kind, metadata }: KubeObject): KubeObject | undefined {
  return objects.find(one => one.kind === kind && one.apiVersion === apiVersion && one.metadata.name === metadata.name);
}

function pathOf({ resourceOf }: ApplyOptions, object: KubeObject): string {
  return objectPath(resourceOf(object), object.metadata.namespace ?? 'default', object.metadata.name);
}
