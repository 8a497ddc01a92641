// Claims as objects in the bucket: made, taken over, read, listed and released.
import * as z from 'zod';
import { quoted, unquoted } from '../blob-info.ts';
import type { S3Link } from '../link.ts';
import type { Places } from '../object-names.ts';
import { isContested, isMissing, isUnmet } from '../s3-error.ts';

const claimRecord = z.strictObject({
  key: z.string(),
  kind: z.enum(['written', 'deleted']),
  stamp: z.string(),
  /** From when on others may take it, counted from when they saw it. */
  validMs: z.number(),
  /** Differs whenever somebody takes it over. */
  holder: z.string(),
});
export type ClaimRecord = z.output<typeof claimRecord>;

export interface StoredClaim {
  readonly record: ClaimRecord;
  readonly etag: string;
}

interface ListedClaim {
  readonly name: string;
  readonly etag: string;
}

const PAGE = 1000;

export class ClaimObjects {
  readonly #link: S3Link;
  readonly #places: Places;

  constructor(link: S3Link, places: Places) {
    this.#link = link;
    this.#places = places;
  }

  nameOf(key: string): string {
    return this.#places.claimOf(key);
  }

  /** Undefined: somebody else has it. */
  async put(record: ClaimRecord, over: string | undefined): Promise<string | undefined> {
    const condition = over === undefined ? { IfNoneMatch: '*' } : { IfMatch: quoted(over) };
    const input = {
      Bucket: this.#link.bucket,
      Key: this.#places.claimOf(record.key),
      Body: JSON.stringify(record),
      ...condition,
    };
    try {
      const { ETag } = await this.#link.call((s3, options) => s3.putObject(input, options));
      return unquoted(ETag);
    } catch (error) {
      if (!isUnmet(error) && !isContested(error) && !isMissing(error)) throw error;
      // By an attempt of ours whose answer was lost, it may be.
      const there = await this.read(input.Key);
      return there?.record.holder === record.holder ? there.etag : undefined;
    }
  }

  async read(name: string): Promise<StoredClaim | undefined> {
    try {
      return await this.#link.call(async (s3, options) => {
        const { Body, ETag } = await s3.getObject({ Bucket: this.#link.bucket, Key: name }, options);
        const text = (await Body?.transformToString()) ?? '';
        return { record: claimRecord.parse(JSON.parse(text)), etag: unquoted(ETag) };
      });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async release(name: string): Promise<void> {
    await this.#link.call((s3, options) => s3.deleteObject({ Bucket: this.#link.bucket, Key: name }, options));
  }

  /** The first page of them, which is what one sweep looks at. */
  async list(): Promise<readonly ListedClaim[]> {
    const input = { Bucket: this.#link.bucket, Prefix: this.#places.claims, MaxKeys: PAGE };
    const { Contents = [] } = await this.#link.call((s3, options) => s3.listObjectsV2(input, options));
    return Contents.flatMap(({ Key, ETag }) => (Key === undefined ? [] : [{ name: Key, etag: unquoted(ETag) }]));
  }
}
