// Holds an object that is deleted until something outside the cluster is gone, and lets go of it.
import type { KubeClient } from '../api/kube-client.ts';
import { isNotFound } from '../api/kube-error.ts';
import { type ApiResource, type KubeObject, objectPath, toKubeObject } from '../api/kube-object.ts';

export interface FinalizerOptions {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  /** Is told what the API server made of it. */
  wrote(object: KubeObject): void;
}

/** Resolves once the object has exactly those of ours that are `wanted`; what others hold it by stays. */
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
  // Of this version, so that nothing that somebody else does at the same time is undone.
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
    // Gone already, which is what letting go is for. A conflict comes again with what has changed.
    if (!wanted && isNotFound(error)) return;
    throw error;
  }
}
