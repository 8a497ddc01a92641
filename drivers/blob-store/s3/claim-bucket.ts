// The first look at a bucket: what is kept there and how, or, where there is nothing yet, what its server can do; it is refused if it cannot do what must hold.
import * as z from 'zod';
import { TenfoldError } from '../../../core/errors.ts';
import type { World } from '../../../core/world.ts';
import type { Link } from './link.ts';
import type { KeyStyle, Places } from './object-names.ts';
import { isMissing, isUnmet, refusalOf } from './s3-error.ts';

const FORMAT = 1;
const marker = z.strictObject({ format: z.int(), keys: z.enum(['plain', 'escaped']) });

export interface ClaimBucket {
  readonly world: World;
  readonly link: Link;
  readonly places: Places;
  /** Undefined: as the server can. What is written down already holds in any case. */
  readonly keys: KeyStyle | undefined;
}

/** How keys are called there. */
export async function claimBucket(options: ClaimBucket): Promise<KeyStyle> {
  const there = await readMarker(options);
  if (there) return there;
  const { link, places } = options;
  const keys = options.keys ?? (await findStyle(options));
  const Body = JSON.stringify({ format: FORMAT, keys });
  const put = (condition: { readonly IfNoneMatch?: string; readonly IfMatch?: string }) =>
    link.call((s3, request) =>
      s3.putObject(
        { Bucket: link.bucket, Key: places.marker, Body, ContentType: 'application/json', ...condition },
        request,
      ),
    );
  await put({ IfNoneMatch: '*' }).catch(unlessUnmet);
  // It is there now, by whomever.
  for (const condition of [{ IfNoneMatch: '*' }, { IfMatch: '"00000000000000000000000000000000"' }]) {
    const isRefused = await put(condition).then(
      () => false,
      error => isUnmet(error) || Promise.reject(error),
    );
    if (!isRefused)
      throw new TenfoldError(
        'storage-unusable',
        `${link.where} writes over objects although it was told not to (${Object.keys(condition)[0] === 'IfMatch' ? 'If-Match' : 'If-None-Match'}). Tenfold needs a server that keeps conditional writes.`,
      );
  }
  return (await readMarker(options)) ?? keys;
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

/** Servers that keep objects as files can have none below another, nor long names. */
async function findStyle({ world, link, places }: ClaimBucket): Promise<KeyStyle> {
  const name = `${places.probes}${world.id()}`;
  const names = [name, `${name}/${'x'.repeat(300)}`];
  try {
    for (const Key of names)
      await link.call((s3, request) => s3.putObject({ Bucket: link.bucket, Key, Body: '-' }, request));
    return 'plain';
  } catch (error) {
    const cause = error instanceof TenfoldError ? error.cause : error;
    const status = refusalOf(cause)?.status ?? 500;
    if (error instanceof TenfoldError && error.code !== 'invalid-input' && (status >= 500 || status === 403))
      throw error;
    return 'escaped';
  } finally {
    for (const Key of names)
      await link.call((s3, request) => s3.deleteObject({ Bucket: link.bucket, Key }, request)).catch(() => {}); // empty, and harmless
  }
}

function unlessUnmet(error: unknown): void {
  if (!isUnmet(error)) throw error;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
