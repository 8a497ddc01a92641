// Reads and writes objects for a person at a command line, in his name.
import type { KubeClient } from '../api/kube-client.ts';
import { isNotFound } from '../api/kube-error.ts';
import {
  type ApiResource,
  collectionPath,
  type KubeObject,
  objectPath,
  readList,
  readText,
  toKubeObject,
} from '../api/kube-object.ts';

const FIELD_MANAGER = 'tenfold-apply';
export const CONFIG_MAPS: ApiResource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' };

export interface WriterOptions {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  /** The server checks everything and keeps nothing. */
  readonly dryRun: boolean;
  /** Takes over fields that others manage. */
  readonly force: boolean;
}

export interface Writer {
  /** All pages; undefined where the server does not know the kind. */
  list(resource: ApiResource, namespace: string, labels?: string): Promise<readonly KubeObject[] | undefined>;
  apply(resource: ApiResource, object: KubeObject): Promise<KubeObject>;
  /** Changes what the object belongs to, and nothing else. */
  adopt(resource: ApiResource, object: KubeObject): Promise<void>;
  /** Deletes only the version that was seen; a missing object is fine. */
  remove(resource: ApiResource, object: KubeObject): Promise<void>;
}

const PAGE = 500;

export function createWriter({ client, signal, dryRun, force }: WriterOptions): Writer {
  const query = { fieldManager: FIELD_MANAGER, ...(dryRun ? { dryRun: 'All' } : {}) };
  const pathOf = (resource: ApiResource, { metadata }: KubeObject) =>
    objectPath(resource, metadata.namespace ?? 'default', metadata.name);
  return {
    async list(resource, namespace, labelSelector) {
      const found: KubeObject[] = [];
      let token: string | undefined;
      do {
        const page = await client
          .call('GET', collectionPath(resource, namespace), {
            query: { limit: PAGE, continue: token, labelSelector },
            signal,
          })
          .catch(error => {
            if (isNotFound(error)) return undefined;
            throw error;
          });
        if (page === undefined) return undefined;
        for (const item of readList(page, 'items')) {
          const object = toKubeObject(item);
          // Items of a list do not say their kind.
          if (object) found.push({ ...object, kind: resource.kind });
        }
        token = readText(page, 'metadata', 'continue') || undefined;
      } while (token !== undefined);
      return found;
    },
    async apply(resource, object) {
      const answer = await client.call('PATCH', pathOf(resource, object), {
        query: { ...query, force, fieldValidation: 'Strict' },
        body: object,
        contentType: 'application/apply-patch+yaml',
        signal,
      });
      return toKubeObject(answer) ?? object;
    },
    async adopt(resource, object) {
      const { ownerReferences = [] } = object.metadata;
      await client.call('PATCH', pathOf(resource, object), {
        query,
        body: { metadata: { ownerReferences } },
        contentType: 'application/merge-patch+json',
        signal,
      });
    },
    async remove(resource, object) {
      const { uid } = object.metadata;
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Background',
        ...(uid === undefined ? {} : { preconditions: { uid } }),
        ...(dryRun ? { dryRun: ['All'] } : {}),
      };
      try {
        await client.call('DELETE', pathOf(resource, object), { body, signal });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}
