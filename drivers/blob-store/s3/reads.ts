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

export interface ObjectReadsOptions {
  readonly world: World;
  readonly link: S3Link;
  readonly names: ObjectNames;
}

export class ObjectReads {
  readonly #world: World;
  readonly #link: S3Link;
  readonly #names: ObjectNames;

  constructor({ world, link, names }: ObjectReadsOptions) {
    this.#world = world;
    this.#link = link;
    this.#names = names;
  }

  async head(key: string): Promise<Written | undefined> {
    const input = { Bucket: this.#link.bucket, Key: this.#names.ofKey(key) };
    try {
      const found = await this.#link.call((s3, options) => s3.headObject(input, options));
      return toWritten(key, found.ContentLength ?? 0, found);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async info(key: string): Promise<BlobInfo | undefined> {
    assertBlobKey(key);
    const there = await this.head(key);
    return there && toInfo(there);
  }

  async get(key: string, range: BlobRange | undefined): Promise<OpenBlob | undefined> {
    assertBlobKey(key);
    const Range = range && toRange(range);
    if (range && Range === undefined) return await this.#nothingOf(key, range);
    try {
      return this.#open(key, await this.#ask({ Key: this.#names.ofKey(key), Range }), range);
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (range && isBeyondEnd(error)) return await this.#nothingOf(key, range);
      throw error;
    }
  }

  async list(prefix: string, { limit, after = '' }: Parameters<BlobStore['list']>[1]): Promise<BlobPage> {
    assertBlobPage(limit);
    const names = this.#names;
    const input = {
      Bucket: this.#link.bucket,
      Prefix: names.ofPrefix(prefix),
      MaxKeys: limit,
      // Keys can have characters that XML cannot.
      EncodingType: 'url' as const,
      ...(after === '' ? {} : { StartAfter: names.ofText(after) }),
    };
    for (let from: { readonly ContinuationToken?: string | undefined } = {}; ; ) {
      const answer = await this.#link.call((s3, options) => s3.listObjectsV2({ ...input, ...from }, options));
      const blobs = toSummaries(answer, names);
      if (!answer.IsTruncated) return { blobs, next: undefined };
      const last = blobs.at(-1);
      if (last) return { blobs, next: last.key };
      // All of these have others written, under names of no keys.
      from = { ContinuationToken: answer.NextContinuationToken };
    }
  }

  async #nothingOf(key: string, range: BlobRange): Promise<OpenBlob | undefined> {
    const there = await this.head(key);
    return there && { info: toInfo(there), ...extentOf(range, there.size), length: 0, body: Readable.from([]) };
  }

  #ask(input: Omit<GetObjectCommandInput, 'Bucket'>, signal?: AbortSignal): Promise<GetObjectCommandOutput> {
    const { bucket: Bucket } = this.#link;
    return this.#link.call((s3, options) => s3.getObject({ Bucket, ...input }, options), { signal });
  }

  #open(key: string, answer: GetObjectCommandOutput, range: BlobRange | undefined): OpenBlob {
    const { size, extent } = extentIn(answer, range, key);
    const written = toWritten(key, size, answer);
    const isWhole = extent.length === size;
    const lengthOf = (part: number) => this.#lengthOf(written, part);
    let wasCompared = false;
    const body = readBody({
      world: this.#world,
      key,
      extent,
      first: streamOf(answer),
      checksum: isWhole ? checksumOf(answer, { size, lengthOf }) : undefined,
      fitted() {
        wasCompared = true;
      },
      idleMs: this.#link.requestTimeoutMs,
      reopen: (at, signal) => this.#reopen(written, extent, at, signal),
    });
    return { info: toInfo(written), ...extent, body, wasCompared: () => wasCompared };
  }

  /** The length of one part of an object that was uploaded in parts. */
  async #lengthOf({ key, etag }: Written, PartNumber: number): Promise<number | undefined> {
    const input = { Bucket: this.#link.bucket, Key: this.#names.ofKey(key), PartNumber, IfMatch: quoted(etag) };
    const part = await this.#link.call((s3, options) => s3.headObject(input, options)).catch(() => undefined);
    // A server that ignores the number tells the length of all.
    return part?.PartsCount === undefined ? undefined : part.ContentLength;
  }

  /** The rest of an object from `at` on; undefined: it has another content by now. */
  async #reopen(
    { key, etag }: Written,
    extent: Extent,
    at: number,
    signal: AbortSignal,
  ): Promise<Readable | undefined> {
    const Range = `bytes=${at}-${extent.first + extent.length - 1}`;
    try {
      const rest = await this.#ask({ Key: this.#names.ofKey(key), Range, IfMatch: quoted(etag) }, signal);
      // A server that ignores one of them would give other bytes.
      if (!rest.ContentRange?.startsWith(`bytes ${at}-`) || unquoted(rest.ETag) !== etag) {
        streamOf(rest).destroy();
        return undefined;
      }
      return streamOf(rest);
    } catch (error) {
      if (isMissing(error) || isUnmet(error) || isBeyondEnd(error)) return undefined;
      throw error;
    }
  }
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
