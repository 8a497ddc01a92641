// Reads and writes objects for a person at a command line, in his name.
import type { KubeClient } from '../api/kube-client.ts';
import { isNotFound, KubeError } from '../api/kube-error.ts';
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
      const write = () =>
        client.call('PATCH', pathOf(resource, object), {
          query: { ...query, force, fieldValidation: 'Strict' },
          body: object,
          contentType: 'application/apply-patch+yaml',
          signal,
        });
      const answer = await write().catch(async error => {
        if (!isEmptied(object, error)) throw error;
        const emptied = await client.call('PATCH', pathOf(resource, object), {
          query,
          body: [{ op: 'replace', path: '/spec', value: {} }],
          contentType: 'application/json-patch+json',
          signal,
        });
        return dryRun ? emptied : write();
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

/**
 * An API server takes the spec itself away where its last fields go, and all of them are ours. It
 * then refuses an object without a spec.
 */
function isEmptied({ spec }: KubeObject, error: unknown): boolean {
  if (typeof spec !== 'object' || spec === null || Object.keys(spec).length > 0) return false;
  return error instanceof KubeError && error.httpStatus === 422 && error.message.includes(NO_SPEC);
}

const NO_SPEC = 'spec in body must be of type object: "null"';
