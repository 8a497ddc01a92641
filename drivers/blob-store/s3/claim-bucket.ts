// The first look at a bucket: reads how objects are stored there, or finds out what the server of
// an empty bucket supports. It refuses a bucket that cannot do what the store needs.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import { again } from '../../../core/retry/again.ts';
import type { World } from '../../../core/world.ts';
import type { S3Link } from './link.ts';
import type { KeyStyle, Places } from './object-names.ts';
import { isContested, isMissing, isUnmet, s3RefusalOf } from './s3-error.ts';

const FORMAT = 1;
const NEW_ATTEMPTS = 5;
const PAUSES = { base: 50, max: 500 };
const marker = z.strictObject({ format: z.int(), keys: z.enum(['plain', 'escaped']) });

export interface ClaimBucket {
  readonly world: World;
  readonly link: S3Link;
  readonly places: Places;
  /** Undefined lets the server decide. A style that the bucket already records always wins. */
  readonly keys: KeyStyle | undefined;
}

/** How keys are called there. */
export async function claimBucket(options: ClaimBucket): Promise<KeyStyle> {
  const there = await readMarker(options);
  if (there) return there;
  const { link, places } = options;
  const able = await probe(options);
  const keys = options.keys ?? able;
  const input = { Bucket: link.bucket, Key: places.marker, Body: JSON.stringify({ format: FORMAT, keys }) };
  try {
    await link.call((s3, request) =>
      s3.putObject({ ...input, ContentType: 'application/json', IfNoneMatch: '*' }, request),
    );
    return keys;
  } catch (error) {
    if (!isUnmet(error) && !isContested(error)) throw error;
    // By whoever was first.
    return (await readMarker(options)) ?? keys;
  }
}

async function readMarker({ link, places }: ClaimBucket): Promise<KeyStyle | undefined> {
  let text: string;
  try {
    text = await link.call(async (s3, request) => {
      const { Body } = await s3.getObject({ Bucket: link.bucket, Key: places.marker }, request);
      return (await Body?.transformToString()) ?? '';
    });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const parsed = marker.safeParse(parse(text));
  if (!parsed.success)
    throw new TenfoldError(
      'storage-unusable',
      `The object '${places.marker}' in ${link.where} is not one of Tenfold's. Choose another bucket or prefix.`,
    );
  if (parsed.data.format !== FORMAT)
    throw new TenfoldError(
      'storage-unusable',
      `${link.where} was written by a newer version (format ${parsed.data.format}); this one knows format ${FORMAT}. Update it.`,
    );
  return parsed.data.keys;
}

/**
 * Which style of keys the server can keep; refuses one that does not keep conditions. Leaves
 * nothing behind, and is done before the marker is there.
 */
async function probe({ world, link, places }: ClaimBucket): Promise<KeyStyle> {
  const name = `${places.probes}${world.id()}`;
  // Servers that keep objects as files can have none below another, nor long names.
  const below = `${name}/${'x'.repeat(300)}`;
  const put = (Key: string, condition: { readonly IfNoneMatch?: string; readonly IfMatch?: string } = {}) =>
    link.call((s3, request) => s3.putObject({ Bucket: link.bucket, Key, Body: '-', ...condition }, request));
  try {
    await putNew(world, () => put(name));
    for (const [header, condition] of [
      ['If-None-Match', { IfNoneMatch: '*' }],
      ['If-Match', { IfMatch: '"00000000000000000000000000000000"' }],
    ] as const) {
      const isRefused = await put(name, condition).then(
        () => false,
        error => isUnmet(error) || Promise.reject(error),
      );
      if (!isRefused)
        throw new TenfoldError(
          'storage-unusable',
          `${link.where} writes over objects although it was told not to (${header}). Tenfold needs a server that keeps conditional writes.`,
        );
    }
    return await put(below).then((): KeyStyle => 'plain', toStyle);
  } finally {
    for (const Key of [below, name])
      await link.call((s3, request) => s3.deleteObject({ Bucket: link.bucket, Key }, request)).catch(() => {}); // empty, and harmless
  }
}

/**
 * Servers that store objects as files remove empty folders, even while another process begins to
 * write there. The server then answers that a folder is in the place of a name that nobody else
 * uses.
 */
async function putNew(world: World, put: () => Promise<unknown>): Promise<void> {
  const failed = (error: unknown, failures: number) => {
    if (failures === NEW_ATTEMPTS || !(error instanceof TenfoldError && error.code === 'invalid-input')) throw error;
  };
  await again(put, { ...PAUSES, failed }, { world, signal: undefined });
}

/** Refused for what it is: not because nobody answers or may. */
function toStyle(error: unknown): KeyStyle {
  const status = s3RefusalOf(error instanceof TenfoldError ? error.cause : error)?.status ?? 500;
  if (status >= 500 || status === 401 || status === 403 || status === 429) throw error;
  return 'escaped';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
