// The job that an uploaded object begins. The endpoint that took it, a reader of the journal and a
// listing all arrive at the same job.
import { createHash } from 'node:crypto';
import { toRecord } from '../cloudevents/record.ts';
import { toTimestamp } from '../world.ts';
import { type FactRecord, toFactRecord } from './facts.ts';

export interface UploadRule {
  readonly prefix: string;
  readonly suffixes?: readonly string[] | undefined;
}

export interface Upload {
  /** As the application knows it. */
  readonly name: string;
  readonly etag: string;
  readonly size: number;
  readonly contentType: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** Among the metadata of an object: whose job it begins. */
const OWNER = 'tenfold-owner';

export function ownerMetadata(owner: string): Readonly<Record<string, string>> {
  return owner === '' ? {} : { [OWNER]: encodeURIComponent(owner) };
}

export function ownerOfUpload(metadata: Readonly<Record<string, string>>): string {
  try {
    return decodeURIComponent(metadata[OWNER] ?? '');
  } catch {
    // Written by others.
    return '';
  }
}

export interface UploadStart {
  readonly nonce: string;
  factIn(partition: number): FactRecord;
}

export function isUpload({ prefix, suffixes }: UploadRule, name: string): boolean {
  return name.startsWith(prefix) && (suffixes === undefined || suffixes.some(suffix => name.endsWith(suffix)));
}

/** `starters`: of the FanOut's layout. A second upload of the same object begins another job. */
export function toUploadStart(starters: string, upload: Upload, owner: string): UploadStart {
  const { name, etag, size, contentType, modified } = upload;
  const place = `${starters}/${name}/${etag}/${modified}`;
  const nonce = createHash('sha256').update(place).digest('hex').slice(0, 16);
  const { value, headers } = toRecord(
    {
      specversion: '1.0',
      id: nonce,
      source: '/blobs',
      type: 'dev.tenfold.object.created',
      subject: name,
      time: toTimestamp(modified),
      datacontenttype: 'application/json',
      data: { name, etag, size, contentType },
    },
    null,
  );
  return { nonce, factIn: partition => toFactRecord(nonce, partition, { kind: 'start', owner }, value, headers) };
}
