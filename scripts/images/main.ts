// `make images`: writes each image as a tar, with its list of contents beside it, and prints the
// sizes.
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { writeArchive } from '../../images/write-archive.ts';
import { packageVersion } from '../../server/version.ts';
import { root } from '../bundle.ts';
import { writeWhole } from './base-layer.ts';
import { buildImage } from './build-images.ts';
import { imageCache } from './image-cache.ts';
import { revisionOf } from './revision.ts';
import type { ImageName } from './run-configs.ts';

/** Megabytes of all layers, compressed: what a node has to fetch. */
const BARS: Readonly<Record<ImageName, number>> = { platform: 75, function: 55 };

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'dist/images') },
    prefix: { type: 'string', default: 'tenfold' },
    tag: { type: 'string', default: packageVersion },
  },
});
const revision = await revisionOf(root);
await mkdir(values.out, { recursive: true });
for (const name of ['platform', 'function'] as const) {
  const { image, sbom } = await buildImage(name, packageVersion, imageCache(), revision);
  const reference = `${values.prefix}/${name}:${values.tag}`;
  const file = join(values.out, `${name}.tar`);
  await writeWhole(file, await writeArchive(reference, [image]));
  await writeWhole(join(values.out, `${name}.cdx.json`), sbom);
  const megabytes = image.layers.reduce((sum, { size }) => sum + size, 0) / 1e6;
  console.log(
    `${reference}  ${image.platform.architecture}  ${megabytes.toFixed(1)} MB compressed (bar ${BARS[name]})  ${relative(process.cwd(), file)}`,
  );
  if (megabytes > BARS[name]) process.exitCode = 1;
}
