// Notifications of a bucket about writes: those of S3 as AWS, MinIO, Ceph and the Versity gateway
// send them, and the events of AWS EventBridge.
import * as z from 'zod';

/** Something was written, if the event is to be believed; what stands there now says the server. */
export interface ReportedWrite {
  /** Names that the bucket may have. */
  readonly buckets: readonly string[];
  /** Names that the object may have: servers differ in whether and how they encode them. */
  readonly names: readonly string[];
  /** Without quotes. */
  readonly etag: string | undefined;
}

export interface BucketNotification {
  readonly writes: readonly ReportedWrite[];
  /** Why nothing can be made of the message, or of a part of it. */
  readonly unreadable: string | undefined;
}

/** Bytes of a message; one with a single event has about a thousand. */
const MAX_MESSAGE = 1024 * 1024;
/** MinIO tells changes of what is said about an object under the same heading. */
const CREATED = /^(?:s3:)?ObjectCreated:(?!.*(?:Tagging|Retention|LegalHold)$)/;
const BUCKET_IN_ARN = /^arn:[^:]*:s3:[^:]*:[^:]*:\/?([^/]+)/;

const text = z.string().max(4096);
const etag = text.nullish().catch(undefined);
/** A part of `Records` (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html). */
const notification = z.object({
  s3: z.object({
    bucket: z.object({ name: text, arn: text.optional().catch(undefined) }),
    object: z.object({ key: text, eTag: etag }),
  }),
});
const detail = z.object({ bucket: z.object({ name: text }), object: z.object({ key: text, etag }) });

export function readBucketEvent(message: Uint8Array): BucketNotification {
  if (message.byteLength > MAX_MESSAGE) return none(`it has ${message.byteLength} bytes, more than ${MAX_MESSAGE}`);
  const whole = parse(message);
  // A CloudEvent that is written as a whole, as by a Topic with `contentMode: structured`.
  const told = isObject(whole) && whole['specversion'] !== undefined ? whole['data'] : whole;
  if (!isObject(told)) return none('it is not an object of JSON');
  if (told['detail-type'] !== undefined) return readBridged(told);
  // When notifications are switched on.
  if (told['Event'] === 's3:TestEvent') return { writes: [], unreadable: undefined };
  if (!Array.isArray(told['Records'])) return none('it has no list of Records');
  const records: readonly unknown[] = told['Records'];
  const writes: ReportedWrite[] = [];
  let unreadable: string | undefined;
  for (const record of records) {
    const eventName = isObject(record) ? record['eventName'] : undefined;
    if (typeof eventName === 'string' && !CREATED.test(eventName)) continue;
    const parsed = typeof eventName === 'string' ? notification.safeParse(record).data?.s3 : undefined;
    if (parsed) writes.push(toWrite(parsed.bucket, parsed.object.key, parsed.object.eTag));
    else unreadable ??= 'one of its Records has no eventName, s3.bucket.name or s3.object.key';
  }
  return { writes, unreadable };
}

/** As EventBridge has it (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html). */
function readBridged(told: Readonly<Record<string, unknown>>): BucketNotification {
  if (told['detail-type'] !== 'Object Created') return { writes: [], unreadable: undefined };
  const parsed = detail.safeParse(told['detail']).data;
  if (!parsed) return none('its detail has no bucket.name or object.key');
  return { writes: [toWrite(parsed.bucket, parsed.object.key, parsed.object.etag)], unreadable: undefined };
}

function toWrite(
  { name, arn }: { readonly name: string; readonly arn?: string | undefined },
  key: string,
  tag: string | null | undefined,
): ReportedWrite {
  // The Versity gateway (1.8) takes the name from memory that the next request may
  // write over; its ARN is a copy.
  const inArn = BUCKET_IN_ARN.exec(arn ?? '')?.[1];
  return {
    buckets: inArn === undefined ? [name] : [...new Set([name, inArn])],
    // AWS, MinIO: encoded as in a form; others: by percent signs alone, or not at all.
    names: [...new Set([decode(key.replaceAll('+', ' ')), decode(key), key])].filter(each => each !== undefined),
    etag: tag?.replaceAll('"', ''),
  };
}

function decode(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

function parse(message: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(message));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function none(unreadable: string): BucketNotification {
  return { writes: [], unreadable };
}
