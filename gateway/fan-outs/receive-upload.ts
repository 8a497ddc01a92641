// Takes an upload that begins a job: the object streams into the blob store, and the job is
// durable before it is answered.

import { randomUUID } from 'node:crypto';
import { TenfoldError } from '../../core/errors.ts';
import { FAN_OUT_PARTITIONS } from '../../core/fan-outs/layout.ts';
import { isUpload, ownerMetadata, toUploadStart, type UploadRule } from '../../core/fan-outs/upload.ts';
import { ACCEPTED_HEADER, formatJobId } from '../../core/jobs/job-id.ts';
import { objectKeyOf } from '../../core/object-key.ts';
import { withoutTrailingSlashes } from '../../core/paths/trailing-slashes.ts';
import { partitionOf } from '../../drivers/event-log/partitioner.ts';
import { bodyOf, MAX_OBJECT_BYTES } from '../blobs/object-body.ts';
import type { Call } from '../exchange/target.ts';
import { fieldOf } from '../http/fields.ts';
import { readPreferences } from '../http/preferences.ts';
import { refuseMethod } from '../upstream/refuse-method.ts';
import { answerFanOutAccepted, type FanOutEndpointDeps } from './answer-fan-out.ts';

/** Endings of the names of objects that come without one. */
const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/webp': '.webp',
  'image/gif': '.gif',
  'image/avif': '.avif',
  'image/tiff': '.tiff',
  'application/pdf': '.pdf',
  'application/json': '.json',
  'text/csv': '.csv',
  'text/plain': '.txt',
};

export async function receiveUpload(site: FanOutEndpointDeps, rule: UploadRule, call: Call): Promise<void> {
  const { endpoints, resource, layout, endpoint } = site;
  if (call.method !== 'POST' && call.method !== 'PUT') return refuseMethod(call, ['POST', 'PUT']);
  const { blobs } = endpoints;
  if (blobs === undefined) throw new TenfoldError('unsupported', 'This process has no blob store to take uploads.');
  const name = nameOf(rule, call);
  if (!isUpload(rule, name)) {
    const endings = rule.suffixes?.join(', ') ?? '';
    throw new TenfoldError('bad-request', `Names of uploads end in ${endings} here; "${name.slice(0, 200)}" does not.`);
  }
  const { namespace } = resource.metadata;
  const owner = endpoint.ownerOf(call);
  const outcome = await blobs.put(objectKeyOf(namespace, name), bodyOf(call), {
    metadata: ownerMetadata(owner),
    contentType: fieldOf(call.headers, 'content-type'),
    maxBytes: MAX_OBJECT_BYTES,
    signal: call.signal,
  });
  if (!outcome.written) throw new TenfoldError('conflict', 'The object could not be written.');
  const { etag, size, contentType, modified } = outcome.blob;
  const start = toUploadStart(layout.starters, { name, etag, size, contentType, modified }, owner);
  const partition = partitionOf(start.nonce, FAN_OUT_PARTITIONS);
  const acceptedAt = site.world.now();
  const fact = start.factIn(partition);
  const headers = { ...fact.headers, [ACCEPTED_HEADER]: String(acceptedAt) };
  const [at] = await endpoints.appender.append(layout.facts, [{ ...fact, headers }]);
  if (at === undefined) throw new TenfoldError('log-unavailable', 'The event log has not said where the job stands.');
  if (call.ended) return;
  const id = formatJobId({ ...at, nonce: start.nonce });
  await answerFanOutAccepted(site, call, { id, acceptedAt }, readPreferences(call.headers), { object: name });
}

/** PUT names the object by the last part of its path, POST leaves the name to us. */
function nameOf({ prefix }: UploadRule, call: Call): string {
  if (call.method === 'POST') {
    const type = (fieldOf(call.headers, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
    return `${prefix}${randomUUID()}${ENDINGS[type] ?? ''}`;
  }
  const last =
    withoutTrailingSlashes(call.path.split('?', 1)[0] ?? '')
      .split('/')
      .at(-1) ?? '';
  const name = decode(last);
  if (name === '' || name.includes('/')) {
    throw new TenfoldError('bad-request', 'PUT names the object by the last part of the path, such as /cat.jpg.');
  }
  return prefix + name;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TenfoldError('bad-request', 'The name of the object is not well encoded.');
  }
}
