// Holds a deleted object by a finalizer until something outside the cluster is gone, and then
// releases it.
import type { KubeClient } from '../../api/kube-client.ts';
import { isNotFound } from '../../api/kube-error.ts';
import { type ApiResource, type KubeObject, objectPath, toKubeObject } from '../../api/kube-object.ts';

export interface FinalizerOptions {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  /** Called with the API server's answer. */
  wrote(object: KubeObject): void;
}

/**
 * Resolves once the object has exactly those of our finalizers that are `wanted`; finalizers of
 * others stay.
 */
export async function setFinalizer(
  { client, signal, wrote }: FinalizerOptions,
  resource: ApiResource,
  object: KubeObject,
  finalizer: string,
  wanted: boolean,
): Promise<void> {
  const { name, namespace = 'default', uid, resourceVersion, finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer) === wanted) return;
  const others = finalizers.filter(one => one !== finalizer);
  // The patch names this version, so that it undoes no change that somebody else makes at the same
  // time.
  const metadata = { uid, resourceVersion, finalizers: wanted ? [...others, finalizer] : others };
  try {
    const answer = await client.call('PATCH', objectPath(resource, namespace, name), {
      body: { metadata },
      contentType: 'application/merge-patch+json',
      query: { fieldManager: 'tenfold-operator-finalizers' },
      signal,
    });
    const written = toKubeObject(answer);
    if (written) wrote(written);
  } catch (error) {
    // The object is gone already, as intended. A conflict is retried with the changed object.
    if (!wanted && isNotFound(error)) return;
    throw error;
  }
}
