// The address of a Function, read off its status.
import { type KubeObject, readText } from '../api/kube-object.ts';
import { conditionOf } from '../operator/status/status.ts';
import { objectNameOf, serviceUrlOf } from '../providers/deployment/names.ts';

interface RunBy {
  readonly provider?: string | undefined;
}

/** The same as in the port of the function host. */
export type Place =
  | ({ readonly state: 'up'; readonly url: string; readonly since?: string | undefined } & RunBy)
  | ({ readonly state: 'starting' | 'asleep'; readonly url: string | undefined } & RunBy)
  | { readonly state: 'off' }
  | { readonly state: 'gone' }
  | { readonly state: 'failing'; readonly why: string };

/** Reasons of Ready for which nothing can be called, whatever ran before. */
const IMPOSSIBLE = ['NeedsImage', 'NoProvider', 'Unsupported', 'NameTaken', 'Refused'];

/**
 * A Function that is not known to be down is called: an invalid newer version takes nothing from
 * the one that runs.
 */
export function placeOf(object: KubeObject | undefined): Place {
  const url = object && readText(object, 'status', 'url');
  const provider = object && readText(object, 'status', 'provider');
  const by = provider === undefined ? {} : { provider };
  const ready = object && conditionOf(object, 'Ready');
  if (readText(object, 'status', 'asleepAfter') !== undefined) return { state: 'asleep', url, ...by };
  if (ready?.reason === 'Waking') return { state: 'starting', url, ...by };
  const up = (at: string): Place => ({ state: 'up', url: at, since: sinceOf(object), ...by });
  if (ready?.status === 'True' && url !== undefined) return up(url);
  const why = ready?.message ?? '';
  if (ready?.reason === 'Stopped') return { state: 'off' };
  if (ready?.reason === 'Unavailable') return { state: 'failing', why };
  if (url === undefined) {
    return IMPOSSIBLE.includes(ready?.reason ?? '') ? { state: 'failing', why } : { state: 'starting', url, ...by };
  }
  return ready?.reason === 'Starting' ? { state: 'starting', url, ...by } : up(url);
}

/** When its instances began to change, or came to rest. */
function sinceOf(object: KubeObject | undefined): string | undefined {
  const progressing = object && conditionOf(object, 'Progressing');
  return progressing && `${progressing.status} ${progressing.since}`;
}

/**
 * The Service whose endpoints are its instances. Other providers than Deployments have more in
 * front of their pods than a Service.
 */
export function serviceOf(place: Place, namespace: string, name: string): string | undefined {
  return 'url' in place && place.url === serviceUrlOf(name, namespace) ? objectNameOf(name) : undefined;
}
