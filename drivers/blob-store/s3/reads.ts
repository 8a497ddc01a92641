// Reading objects in S3: what they are, what is in them, which there are.
import { Readable } from 'node:stream';
import type { GetObjectCommandInput, GetObjectCommandOutput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import { assertBlobKey, assertBlobPage } from '../assert-blob.ts';
import type { BlobInfo, BlobPage, BlobRange, BlobStore, BlobSummary, OpenBlob } from '../blob-store.ts';
import { type Extent, extentOf } from '../range.ts';
import { quoted, toInfo, toWritten, unquoted, type Written } from './blob-info.ts';
import { checksumOf } from './checksum.ts';
import type { S3Link } from './link.ts';
import type { ObjectNames } from './object-names.ts';
import { readBody } from './read-body.ts';
import { isBeyondEnd, isMissing, isUnmet } from './s3-error.ts';

export interface Reads {
  head(key: string): Promise<Written | undefined>;
  info(key: string): Promise<BlobInfo | undefined>;
  get(key: string, range: BlobRange | undefined): Promise<OpenBlob | undefined>;
  list: BlobStore['list'];
}

export function createReads({ world, link, names }: { world: World; link: S3Link; names: ObjectNames }): Reads {
  async function head(key: string): Promise<Written | undefined> {
    const input = { Bucket: link.bucket, Key: names.ofKey(key) };
    try {
      const found = await link.call((s3, options) => s3.headObject(input, options));
      return toWritten(key, found.ContentLength ?? 0, found);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async function nothingOf(key: string, range: BlobRange): Promise<OpenBlob | undefined> {
    const there = await head(key);
    return there && { info: toInfo(there), ...extentOf(range, there.size), length: 0, body: Readable.from([]) };
  }

  const ask = (input: Omit<GetObjectCommandInput, 'Bucket'>, signal?: AbortSignal) =>
    link.call((s3, options) => s3.getObject({ Bucket: link.bucket, ...input }, options), { signal });

  /** The length of one part of an object that was uploaded in parts. */
  async function lengthOf(Key: string, PartNumber: number, etag: string): Promise<number | undefined> {
    const input = { Bucket: link.bucket, Key, PartNumber, IfMatch: quoted(etag) };
    const part = await link.call((s3, options) => s3.headObject(input, options)).catch(() => undefined);
    // A server that ignores the number tells the length of all.
    return part?.PartsCount === undefined ? undefined : part.ContentLength;
  }

  function open(key: string, answer: GetObjectCommandOutput, range: BlobRange | undefined): OpenBlob {
    const Key = names.ofKey(key);
    const { size, extent } = extentIn(answer, range, key);
    const written = toWritten(key, size, answer);
    const isWhole = extent.length === size;
    let wasCompared = false;
    const body = readBody({
      world,
      key,
      extent,
      first: streamOf(answer),
      checksum: isWhole
        ? checksumOf(answer, { size, lengthOf: number => lengthOf(Key, number, written.etag) })
        : undefined,
      fitted() {
        wasCompared = true;
      },
      idleMs: link.requestTimeoutMs,
      async reopen(at, signal) {
        const Range = `bytes=${at}-${extent.first + extent.length - 1}`;
        try {
          const rest = await ask({ Key, Range, IfMatch: quoted(written.etag) }, signal);
          // A server that ignores one of them would give other bytes.
          if (!rest.ContentRange?.startsWith(`bytes ${at}-`) || unquoted(rest.ETag) !== written.etag) {
            streamOf(rest).destroy();
            return undefined;
          }
          return streamOf(rest);
        } catch (error) {
          if (isMissing(error) || isUnmet(error) || isBeyondEnd(error)) return undefined;
          throw error;
        }
      },
    });
    return { info: toInfo(written), ...extent, body, wasCompared: () => wasCompared };
  }

  return {
    head,
    async info(key) {
      assertBlobKey(key);
      const there = await head(key);
      return there && toInfo(there);
    },
    async get(key, range) {
      assertBlobKey(key);
      const Range = range && toRange(range);
      if (range && Range === undefined) return await nothingOf(key, range);
      try {
        return open(key, await ask({ Key: names.ofKey(key), Range }), range);
      } catch (error) {
        if (isMissing(error)) return undefined;
        if (range && isBeyondEnd(error)) return await nothingOf(key, range);
        throw error;
      }
    },
    async list(prefix, { limit, after = '' }): Promise<BlobPage> {
      assertBlobPage(limit);
      const input = {
        Bucket: link.bucket,
        Prefix: names.ofPrefix(prefix),
        MaxKeys: limit,
        // Keys can have characters that XML cannot.
        EncodingType: 'url' as const,
        ...(after === '' ? {} : { StartAfter: names.ofText(after) }),
      };
      for (let from: { readonly ContinuationToken?: string | undefined } = {}; ; ) {
        const answer = await link.call((s3, options) => s3.listObjectsV2({ ...input, ...from }, options));
        const blobs = toSummaries(answer, names);
        if (!answer.IsTruncated) return { blobs, next: undefined };
        const last = blobs.at(-1);
        if (last) return { blobs, next: last.key };
        // All of these have others written, under names of no keys.
        from = { ContinuationToken: answer.NextContinuationToken };
      }
    },
  };
}

function toSummaries({ Contents = [], EncodingType }: ListObjectsV2CommandOutput, names: ObjectNames): BlobSummary[] {
  const nameOf = EncodingType === 'url' ? decode : (name: string) => name;
  return Contents.flatMap(({ Key = '', Size = 0, ETag, LastModified }) => {
    const key = names.toKey(nameOf(Key));
    return key === undefined ? [] : [{ key, size: Size, etag: unquoted(ETag), modified: LastModified?.getTime() ?? 0 }];
  });
}

/** Undefined: no bytes at all, which no header can say. */
function toRange(range: BlobRange): string | undefined {
  const first = Math.trunc(range.first);
  const last = range.last === undefined ? undefined : Math.trunc(range.last);
  if (first < 0 && last === undefined) return `bytes=${first}`;
  if (first < 0 || (last !== undefined && last < first)) return undefined;
  return `bytes=${first}-${last ?? ''}`;
}

function extentIn(
  answer: GetObjectCommandOutput,
  range: BlobRange | undefined,
  key: string,
): { size: number; extent: Extent } {
  const length = answer.ContentLength ?? 0;
  const [, first, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.ContentRange ?? '') ?? [];
  if (first !== undefined && size !== undefined)
    return { size: Number(size), extent: { first: Number(first), length } };
  const extent = extentOf(range, length);
  if (extent.first === 0 && extent.length === length) return { size: length, extent };
  streamOf(answer).destroy();
  throw new TenfoldError('store-unavailable', `The server gives all of '${key}' where a part was asked for.`);
}

function streamOf({ Body }: GetObjectCommandOutput): Readable {
  return Body instanceof Readable ? Body : Readable.from([]);
}

function decode(name: string): string {
  return decodeURIComponent(name.replaceAll('+', ' '));
}
