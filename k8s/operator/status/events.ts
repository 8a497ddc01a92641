// Events for people, as `kubectl describe` shows them: one for each change of a condition, and one
// for each step of a canary.

import { randomUUID } from 'node:crypto';
import type { KubeClient } from '../../api/kube-client.ts';
import { type ApiResource, collectionPath, type KubeObject } from '../../api/kube-object.ts';
import { toMicroTime } from '../../api/leases.ts';
import { MANAGER } from '../../providers/labels.ts';
import { canaryNotes } from './canary-notes.ts';
import type { Note } from './note.ts';
import { conditionOf, type Status } from './status.ts';

const EVENTS: ApiResource = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' };

function isRest(reason: string | undefined): boolean {
  return reason === 'Asleep' || reason === 'Waking';
}

/** Kubernetes takes no more. */
export const MAX_NOTE = 1024;

/** The Events for the change from the object's present status to `status`. Pure. */
export function notesOn(object: KubeObject, status: Status): Note[] {
  const ofConditions = ['Accepted', 'Ready', 'Degraded'].flatMap((type): Note[] => {
    const before = conditionOf(object, type);
    const now = status.conditions.find(one => one.type === type);
    // Each attempt of others at its routes is news.
    const isContested = now?.reason === 'RouteContested';
    const isSame = before?.status === now?.status && before?.reason === now?.reason;
    if (!now || (isSame && !(isContested && before?.message !== now.message))) return [];
    const isUnserved = now?.reason === 'NotAllowedByListeners' || now?.reason === 'NoMatchingListenerHostname';
    const good = (now.status === 'True') !== (type === 'Degraded') && !isContested && !isUnserved;
    // One Event is enough when all is well from the beginning.
    if (good && before === undefined && type !== 'Ready') return [];
    // NotAccepted explains why it is not ready; coming up is no warning.
    if (now.reason === 'NotAccepted') return [];
    // Falling asleep and waking up are everyday.
    if (isRest(now.reason) || isRest(before?.reason)) return [];
    // Its autoscaler writes Events itself, and a Function that wakes often would repeat them.
    if (now.reason === 'CannotScale' || (good && before?.reason === 'CannotScale')) return [];
    const calm = good || ['Starting', 'Stopped', 'FunctionNotReady', 'NotTakenUp'].includes(now.reason);
    const note = now.message === '' ? `${type} is ${now.status}.` : now.message;
    return [{ type: calm ? 'Normal' : 'Warning', reason: now.reason, note: note.slice(0, MAX_NOTE) }];
  });
  return [...ofConditions, ...canaryNotes(object, status)];
}

export async function writeEvent(
  client: KubeClient,
  object: KubeObject,
  { type, reason, note }: Note,
  from: { readonly instance: string; readonly now: number; readonly signal: AbortSignal },
): Promise<void> {
  const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
  const body = {
    apiVersion: `${EVENTS.group}/${EVENTS.version}`,
    kind: EVENTS.kind,
    metadata: { name: `${name}.${randomUUID()}`, namespace },
    eventTime: toMicroTime(from.now),
    reportingController: MANAGER,
    reportingInstance: from.instance,
    action: 'Reconcile',
    reason,
    note,
    type,
    regarding: { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion },
  };
  await client.call('POST', collectionPath(EVENTS, namespace), { body, signal: from.signal });
}
