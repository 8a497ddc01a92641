// Brings the content of an object to S3, in parts where it is long; nobody sees it before `commit`.
import { crc32 } from 'node:zlib';
import { quoted, unquoted } from './blob-info.ts';
import type { S3Link } from './link.ts';
import type { Part } from './split-body.ts';

export interface ObjectSettings {
  readonly name: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export type WriteCondition = 'absent' | { readonly etag: string } | undefined;

export interface Staged {
  readonly size: number;
  /** The longest time of `commit`, milliseconds. */
  readonly commitMs: number;
  /** The ETag. Rejects as `S3Link.call`. */
  commit(condition: WriteCondition): Promise<string>;
  /** Frees what is held of it, also when it was committed. */
  release(): Promise<void>;
}

/** Parts of one object on their way at once. */
const AT_ONCE = 2;
/** A part is longer than most objects, and nobody waits for it alone. */
const PART_TIMES = 4;
/** The server puts the parts together, which it may take its time for. */
const COMPLETE_MS = 60_000;

export async function stageBody(
  link: S3Link,
  settings: ObjectSettings,
  parts: AsyncGenerator<Part>,
  signal: AbortSignal | undefined,
): Promise<Staged> {
  const first = await parts.next();
  if (first.done) throw new Error('A body has one part at least.');
  if (first.value.isLast) {
    await parts.return(undefined);
    return stageWhole(link, settings, first.value);
  }
  return await stageParts(link, settings, first.value, parts, signal);
}

function stageWhole(link: S3Link, { name, contentType, metadata }: ObjectSettings, part: Part): Staged {
  const { bytes } = part;
  return {
    size: bytes.byteLength,
    commitMs: link.requestTimeoutMs,
    async commit(condition) {
      const input = {
        Bucket: link.bucket,
        Key: name,
        Body: bytes,
        ContentLength: bytes.byteLength,
        ContentType: contentType,
        Metadata: { ...metadata },
        ChecksumCRC32: base64(crc32(bytes)),
        ...conditionOf(condition),
      };
      const { ETag } = await link.call((s3, options) => s3.putObject(input, options));
      return unquoted(ETag);
    },
    release: async () => part.release(),
  };
}

async function stageParts(
  link: S3Link,
  { name, contentType, metadata }: ObjectSettings,
  first: Part,
  rest: AsyncGenerator<Part>,
  signal: AbortSignal | undefined,
): Promise<Staged> {
  const place = { Bucket: link.bucket, Key: name };
  const { UploadId } = await link
    .call(
      (s3, options) =>
        s3.createMultipartUpload(
          {
            ...place,
            ContentType: contentType,
            Metadata: { ...metadata },
            ChecksumAlgorithm: 'CRC32',
            ChecksumType: 'FULL_OBJECT',
          },
          options,
        ),
      { signal },
    )
    .catch(async error => {
      first.release();
      await rest.return(undefined);
      throw error;
    });
  const upload = { ...place, UploadId };
  const abort = () => link.call((s3, options) => s3.abortMultipartUpload(upload, options)).catch(() => {}); // the sweeper finds it
  const sent: Promise<{ PartNumber: number; ETag: string | undefined; ChecksumCRC32: string }>[] = [];
  let checksum = 0;
  let size = 0;
  const stop = new AbortController();
  const bound = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const send = (part: Part, PartNumber: number) => {
    const { bytes } = part;
    checksum = crc32(bytes, checksum);
    size += bytes.byteLength;
    const ChecksumCRC32 = base64(crc32(bytes));
    const input = { ...upload, PartNumber, Body: bytes, ContentLength: bytes.byteLength, ChecksumCRC32 };
    const sending = link
      .call((s3, options) => s3.uploadPart(input, options), {
        signal: bound,
        withinMs: link.requestTimeoutMs * PART_TIMES,
      })
      .then(
        ({ ETag }) => {
          part.release(true);
          return { PartNumber, ETag, ChecksumCRC32 };
        },
        error => {
          part.release();
          throw error;
        },
      );
    sending.catch(() => {});
    sent.push(sending);
  };
  try {
    send(first, 1);
    for await (const part of rest) {
      send(part, sent.length + 1);
      if (sent.length > AT_ONCE) await sent[sent.length - 1 - AT_ONCE];
    }
    const Parts = await Promise.all(sent);
    let isCommitted = false;
    const input = {
      ...upload,
      MultipartUpload: { Parts },
      ChecksumType: 'FULL_OBJECT' as const,
      ChecksumCRC32: base64(checksum),
    };
    return {
      size,
      commitMs: COMPLETE_MS,
      async commit(condition) {
        const { ETag } = await link.call(
          (s3, options) => s3.completeMultipartUpload({ ...input, ...conditionOf(condition) }, options),
          { withinMs: COMPLETE_MS },
        );
        isCommitted = true;
        return unquoted(ETag);
      },
      async release() {
        if (!isCommitted) await abort();
      },
    };
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(sent);
    await abort();
    throw error;
  }
}

function conditionOf(condition: WriteCondition) {
  if (condition === undefined) return {};
  return condition === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: quoted(condition.etag) };
}

function base64(checksum: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(checksum);
  return bytes.toString('base64');
}
