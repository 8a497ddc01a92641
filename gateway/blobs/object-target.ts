// Objects of a namespace at the internal listener: `GET|HEAD|PUT|DELETE /blobs/{name}`, and `GET
// /blobs/?prefix=` for the list of objects.
import { TenfoldError } from '../../core/errors.ts';
import { objectKeyOf, objectNameOf } from '../../core/object-key.ts';
import { toTimestamp } from '../../core/world.ts';
import { type BlobInfo, type BlobStore, MAX_BLOB_PAGE, type PutBlob } from '../../drivers/blob-store/blob-store.ts';
import type { Call, Target } from '../exchange/target.ts';
import { fieldOf } from '../http/fields.ts';
import { answerCall } from '../upstream/answer-call.ts';
import { answerStream } from '../upstream/answer-stream.ts';
import { refuseMethod } from '../upstream/refuse-method.ts';
import { bodyOf, MAX_OBJECT_BYTES } from './object-body.ts';

const METHODS = ['GET', 'HEAD', 'PUT', 'DELETE'];
const DEFAULT_LIMIT = 100;

export function createObjectTarget(blobs: BlobStore, namespace: string): Target {
  return {
    label: `objects of ${namespace}`,
    send(call) {
      receive(blobs, namespace, call).catch(error => call.fail(error));
    },
  };
}

async function receive(blobs: BlobStore, namespace: string, call: Call): Promise<void> {
  if (!METHODS.includes(call.method)) return refuseMethod(call, METHODS);
  const mark = call.path.indexOf('?');
  const path = mark === -1 ? call.path : call.path.slice(0, mark);
  const name = decode(path.slice(1));
  if (name === '') {
    if (call.method !== 'GET') return refuseMethod(call, ['GET']);
    return list(blobs, namespace, call, new URLSearchParams(mark === -1 ? '' : call.path.slice(mark)));
  }
  const key = objectKeyOf(namespace, name);
  switch (call.method) {
    case 'PUT':
      return put(blobs, key, call);
    case 'DELETE':
      if (!(await blobs.delete(key))) throw notFound(name);
      return answerCall(call, 204, [], EMPTY);
    case 'HEAD': {
      const info = await blobs.head(key);
      if (info === undefined) throw notFound(name);
      return answerCall(call, 200, fieldsOf(info), EMPTY);
    }
    default: {
      const open = await blobs.get(key);
      if (open === undefined) throw notFound(name);
      answerStream(call, 200, [...fieldsOf(open.info), 'content-length', String(open.length)], open.body);
    }
  }
}

async function put(blobs: BlobStore, key: string, call: Call): Promise<void> {
  const outcome = await blobs.put(key, bodyOf(call), {
    contentType: fieldOf(call.headers, 'content-type'),
    maxBytes: MAX_OBJECT_BYTES,
    signal: call.signal,
    ...conditionOf(call),
  });
  if (outcome.written) return answerCall(call, 204, ['etag', `"${outcome.blob.etag}"`], EMPTY);
  throw new TenfoldError('conflict', 'The object is another one than the request expects.');
}

async function list(blobs: BlobStore, namespace: string, call: Call, query: URLSearchParams): Promise<void> {
  const text = query.get('limit');
  const limit = text === null ? DEFAULT_LIMIT : Number(text);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MAX_BLOB_PAGE))
    throw new TenfoldError('bad-request', `"limit" is a whole number from 1 to ${MAX_BLOB_PAGE}.`);
  const after = query.get('after') ?? undefined;
  const page = await blobs.list(objectKeyOf(namespace, query.get('prefix') ?? ''), { limit, after });
  const items = page.blobs.map(({ key, size, etag, modified }) => ({
    name: objectNameOf(namespace, key),
    size,
    etag,
    modified: toTimestamp(modified),
  }));
  const body = JSON.stringify({ items, ...(page.next === undefined ? {} : { next: page.next }) });
  answerCall(call, 200, ['content-type', 'application/json', 'cache-control', 'no-store'], Buffer.from(body));
}

/** RFC 9110 §13.1: only over this one, or only where there is none. */
function conditionOf({ headers }: Call): Pick<PutBlob, 'when'> {
  if (fieldOf(headers, 'if-none-match') === '*') return { when: 'absent' };
  const etag = fieldOf(headers, 'if-match');
  return etag === undefined ? {} : { when: { etag: etag.replaceAll('"', '') } };
}

function fieldsOf({ contentType, etag, modified }: BlobInfo): string[] {
  const fields = ['content-type', contentType, 'etag', `"${etag}"`, 'last-modified', new Date(modified).toUTCString()];
  return [...fields, 'cache-control', 'no-cache'];
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new TenfoldError('bad-request', 'The name of the object is not well encoded.');
  }
}

function notFound(name: string): TenfoldError {
  return new TenfoldError('not-found', `There is no object ${name.slice(0, 200)}.`);
}

const EMPTY = Buffer.alloc(0);
