// Reads what an API server answers to a list and to a watch.
import { KubeError } from './kube-error.ts';
import { type KubeObject, readText, toKubeObject } from './kube-object.ts';

/** One page of a list. Throws for what is none. */
export function toList(
  answer: unknown,
  path: string,
): { items: readonly unknown[]; version: string; more: string | undefined } {
  const items = typeof answer === 'object' && answer !== null && 'items' in answer ? answer.items : undefined;
  const version = readText(answer, 'metadata', 'resourceVersion');
  if (version === undefined)
    throw new KubeError('cluster-unavailable', `GET ${path} was answered with no list.`, 0, {});
  const more = readText(answer, 'metadata', 'continue');
  return { items: Array.isArray(items) ? items : [], version, more: more === '' ? undefined : more };
}

/**
 * Throws the error that the server reports by an event; `gone` when it has forgotten the version.
 */
export function toEvent(event: unknown, path: string): { type: string; object: KubeObject } {
  const type = readText(event, 'type') ?? '';
  const object = typeof event === 'object' && event !== null && 'object' in event ? event.object : undefined;
  if (type === 'BOOKMARK') {
    const resourceVersion = readText(object, 'metadata', 'resourceVersion') ?? '';
    return { type, object: { apiVersion: '', kind: '', metadata: { name: '', resourceVersion } } };
  }
  const found = toKubeObject(object);
  if (found && type !== 'ERROR') return { type, object: found };
  const status = typeof object === 'object' && object !== null && 'code' in object ? Number(object.code) : 0;
  const said = readText(object, 'message') ?? 'an event that is none';
  const code = status === 410 ? 'gone' : 'cluster-unavailable';
  throw new KubeError(code, `The watch of ${path} ended with: ${said}`, status, {});
}
