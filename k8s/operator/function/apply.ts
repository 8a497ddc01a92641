// Brings the objects of one owner in line with the wanted ones, and writes only where something
// differs.
import { createHash } from 'node:crypto';
import type { KubeClient } from '../../api/kube-client.ts';
import { isNotFound } from '../../api/kube-error.ts';
import { type ApiResource, type KubeObject, objectPath, readNumber, toKubeObject } from '../../api/kube-object.ts';
import { APPLIED, MANAGER } from '../../providers/labels.ts';
import { type FunctionObjects, NameTakenError, NotTakenError, ProviderError } from '../../providers/provider.ts';
import { matchesDesired } from './matches-desired.ts';
import { whatWasNotTaken } from './taken.ts';

export interface ApplyObjectsOptions {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  resourceOf(object: KubeObject): ApiResource;
  /** The newest that is known of each object of the owner. */
  live(): readonly KubeObject[];
  /**
   * Called with the API server's answer to each write, and with existing objects that no watch has
   * reported.
   */
  wrote(object: KubeObject): void;
}

const APPLY = 'application/apply-patch+yaml';
/** Holds the number of instances while it changes hands from us to an autoscaler. */
const HANDOVER = `${MANAGER}-handover`;

/**
 * Removes the objects that are there and pass `isMine`, but are not planned. Resolves to whether
 * anything was written.
 */
export async function applyObjects(
  options: ApplyObjectsOptions,
  ownerUid: string,
  ...[plan, isMine]: Parameters<FunctionObjects['apply']>
): Promise<boolean> {
  const { live, wrote } = options;
  let wanted = plan(live());
  const lost = await findLost(options, ownerUid, wanted, live().filter(isMine));
  for (const object of lost) wrote(object);
  // The plan may depend on their content, such as the version that a canary is tried beside.
  if (lost.length > 0) wanted = plan(live());
  const mine = [...lost, ...live().filter(isMine)];
  let changed = false;
  for (const object of wanted) changed = (await applyObject(options, object, find(mine, object))) || changed;
  for (const object of mine) {
    if (find(wanted, object) || object.metadata.deletionTimestamp !== undefined) continue;
    await remove(options, object);
    changed = true;
  }
  return changed;
}

async function applyObject(
  options: ApplyObjectsOptions,
  wanted: KubeObject,
  live: KubeObject | undefined,
): Promise<boolean> {
  const object = withHash(wanted);
  if (live && matchesDesired(live, object)) return false;
  const path = pathOf(options, object);
  const handover = handoverOf(object, live);
  if (handover) await patch(options, path, handover, HANDOVER);
  await patch(options, path, object, MANAGER);
  return true;
}

/**
 * The objects of `wanted` that exist and belong to the owner but are not followed, because somebody
 * removed a label. Other objects that exist without being followed are not ours: then it rejects
 * with NameTakenError.
 */
async function findLost(
  options: ApplyObjectsOptions,
  ownerUid: string,
  wanted: readonly KubeObject[],
  known: readonly KubeObject[],
): Promise<readonly KubeObject[]> {
  const { client, signal } = options;
  const lost: KubeObject[] = [];
  for (const object of wanted) {
    if (find(known, object)) continue;
    const answer = await client.call('GET', pathOf(options, object), { signal }).catch(error => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const there = toKubeObject(answer);
    if (!there) continue;
    if (!there.metadata.ownerReferences?.some(({ uid }) => uid === ownerUid)) throw nameTaken(object);
    lost.push(there);
  }
  return lost;
}

function nameTaken({ kind, metadata: { name, namespace } }: KubeObject): NameTakenError {
  return new NameTakenError(
    `There is a ${kind} ${name} in the namespace "${namespace}" already, and it is not of this Function. Delete or rename it.`,
  );
}

/**
 * An autoscaler takes over the number of instances that it finds. The number must not be lost when
 * we cease to set it; the autoscaler leaves an absent number alone.
 */
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

async function patch(
  options: ApplyObjectsOptions,
  path: string,
  body: KubeObject,
  fieldManager: string,
): Promise<void> {
  const { client, signal, wrote } = options;
  const query = { fieldManager, force: true, fieldValidation: 'Strict' };
  const answer = toKubeObject(await client.call('PATCH', path, { query, body, contentType: APPLY, signal }));
  // A lost answer does not say what became of the write, and the followed state may still be the
  // old one.
  if (!answer)
    throw new ProviderError(`The API server took ${body.kind} ${body.metadata.name} and did not answer with it.`);
  wrote(answer);
  const where = whatWasNotTaken(answer, body);
  if (where !== undefined) throw new NotTakenError(notTaken(body, where));
}

function notTaken({ kind, metadata: { name } }: KubeObject, where: string): string {
  return `The cluster did not make the change to ${kind} ${name}: ${where || 'its answer'} is not what was asked for. Most likely an admission webhook changes it; see which of them may write ${kind}s, and let it leave those of Tenfold alone.`;
}

async function remove(options: ApplyObjectsOptions, object: KubeObject): Promise<void> {
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

function pathOf({ resourceOf }: ApplyObjectsOptions, object: KubeObject): string {
  return objectPath(resourceOf(object), object.metadata.namespace ?? 'default', object.metadata.name);
}
