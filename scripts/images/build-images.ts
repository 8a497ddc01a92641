// Builds the two images from this checkout, without Docker and without a registry, for the kind
// of machine that it runs on.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendLayer, emptyImage, type Image } from '../../images/image.ts';
import { createLayer, type LayerFile } from '../../images/layer.ts';
import { applicationFiles } from './application-files.ts';
import { baseLayer, USER } from './base-layer.ts';
import { type ImageName, runConfigs } from './run-configs.ts';
import { sbomOf } from './sbom.ts';

export interface BuiltImage {
  readonly image: Image;
  readonly sbom: Uint8Array;
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * `cache` is a folder for what takes long and seldom changes; `revision` the commit that it is
 * made of, where that is known.
 */
export async function buildImage(
  name: ImageName,
  version: string,
  cache: string,
  revision?: string,
): Promise<BuiltImage> {
  const architecture = architectures[process.arch];
  if (process.platform !== 'linux' || architecture === undefined) {
    throw new Error(
      'Images are made of the Node.js that runs here, which is not for Linux on amd64 or arm64. Use scripts/images/Dockerfile.',
    );
  }
  const base = await baseLayer(process.execPath, cache);
  const { files, sbom } = await ownFiles(name);
  const image = emptyImage(
    { os: 'linux', architecture },
    { ...runConfigs[name], Labels: labelsOf(name, version, revision) },
  );
  return { image: appendLayer(appendLayer(image, base), await createLayer(files)), sbom };
}

/** No time: the same commit gives the same image. No base: it stands on nothing. */
export function labelsOf(
  name: ImageName,
  version: string,
  revision: string | undefined,
): Readonly<Record<string, string>> {
  const labels = {
    title: `tenfold/${name}`,
    version,
    licenses: 'Apache-2.0',
    url: 'https://tenfold.dev',
    ...(revision === undefined ? {} : { revision }),
  };
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => [`org.opencontainers.image.${label}`, value]),
  );
}

/** All but the base. */
export async function ownFiles(name: ImageName): Promise<{ readonly files: LayerFile[]; readonly sbom: Uint8Array }> {
  const folder = await mkdtemp(join(tmpdir(), 'tenfold-image-'));
  try {
    const { files, packages } = await applicationFiles(name, folder);
    const sbom = await sbomOf(name, packages, process.versions.node);
    const data = name === 'platform' ? [{ path: '/data', mode: 0o750, owner: USER }] : [];
    return { files: [...files, ...data, { path: `/usr/share/sbom/tenfold-${name}.cdx.json`, content: sbom }], sbom };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
