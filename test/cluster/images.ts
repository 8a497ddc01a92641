// The two images of this checkout as tars that `ctr images import` takes: built once for the same
// content, kept outside the checkout.
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Image, writeImage } from '../../images/image.ts';
import { writeArchive } from '../../images/write-archive.ts';
import { buildImage } from '../../scripts/images/build-images.ts';
import { imageCache } from '../../scripts/images/image-cache.ts';
import type { ImageName } from '../../scripts/images/run-configs.ts';

export interface TestImage {
  /** Whole reference, e.g. `dev.local/tenfold/platform:test`. */
  readonly name: string;
  /** Path of an archive that docker, containerd and kind take. */
  readonly tar: string;
  /** Digest of its manifest: changes when anything in the image does. */
  readonly digest: string;
}

export interface TestImages {
  /** The command line: arguments such as `serve --cluster`. */
  readonly platform: TestImage;
  /** Runs a function's bundle, see `runtime/`. */
  readonly function: TestImage;
}

/** Archives of earlier contents that stay, for runs that go on beside this one. */
const KEPT = 4;

/** Takes some three seconds, and ten more the first time. Two runs may build at the same time. */
export async function buildTestImages(): Promise<TestImages> {
  const cache = imageCache();
  await mkdir(cache, { recursive: true });
  const platform = await build('platform', cache);
  return { platform, function: await build('function', cache) };
}

async function build(name: ImageName, cache: string): Promise<TestImage> {
  const { image } = await buildImage(name, '0.0.0-test', cache);
  const reference = `dev.local/tenfold/${name}:test`;
  const { digest } = writeImage(image).manifest;
  const tar = join(cache, `test-${name}-${digest.slice(7, 23)}.tar`);
  if ((await stat(tar).catch(() => undefined)) === undefined) await keep(tar, reference, image);
  await forgetOld(cache, `test-${name}-`);
  return { name: reference, tar, digest };
}

async function keep(tar: string, reference: string, image: Image): Promise<void> {
  const partial = `${tar}.${process.pid}`;
  await writeFile(partial, await writeArchive(reference, [image]));
  await rename(partial, tar);
}

async function forgetOld(cache: string, prefix: string): Promise<void> {
  const names = (await readdir(cache)).filter(name => name.startsWith(prefix) && name.endsWith('.tar'));
  const aged = await Promise.all(
    names.map(async name => ({ name, at: (await stat(join(cache, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const old = aged.sort((a, b) => b.at - a.at).slice(KEPT);
  await Promise.all(old.map(({ name }) => rm(join(cache, name), { force: true })));
}
