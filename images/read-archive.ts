// Reads images from a tar, as `make images`, `docker save` and other tools of OCI layouts write it.
import { unpackTar } from 'modern-tar';
import { TenfoldError } from '../core/errors.ts';
import { type Descriptor, type Image, type LayerReference, MANIFEST_TYPE } from './image.ts';
import { digestOf, LAYER_TYPE } from './layer.ts';
import { ociType, readConfig } from './registry/pull.ts';
import { blobPath } from './write-archive.ts';

interface Manifest {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

/** `name` is what the archive is called in errors. */
export async function readArchive(bytes: Uint8Array, name: string): Promise<readonly Image[]> {
  const entries = await unpackTar(bytes).catch(cause => {
    throw new TenfoldError('bad-request', `${name} is no tar of an image.`, { cause });
  });
  const files = new Map(entries.map(({ header, data }) => [header.name.replace(/^\.\//, ''), data]));
  const file = (path: string): Uint8Array => {
    const found = files.get(path);
    if (found === undefined)
      throw new TenfoldError('bad-request', `${name} is no whole tar of an image: ${path} is missing.`);
    return found;
  };
  const json = <T>(path: string): T => JSON.parse(new TextDecoder().decode(file(path))) as T;
  if (!files.has('index.json')) return readDocker(json<readonly DockerManifest[]>('manifest.json'), file);
  const toImages = (descriptor: Descriptor): readonly Image[] => {
    const manifest = json<Manifest>(blobPath(descriptor.digest));
    if (manifest.manifests !== undefined) return manifest.manifests.filter(isImage).flatMap(toImages);
    const { config, layers = [] } = manifest;
    if (config === undefined) return [];
    const image = readConfig(
      file(blobPath(config.digest)),
      layers.map(layer => toReference(layer, file)),
    );
    return [{ ...image, digest: descriptor.digest }];
  };
  const images = (json<Manifest>('index.json').manifests ?? []).flatMap(toImages);
  if (images.length === 0) throw new TenfoldError('bad-request', `There is no image in ${name}.`);
  return images;
}

function isImage({ mediaType, platform }: Descriptor): boolean {
  return (
    mediaType.includes('manifest') &&
    platform?.os !== 'unknown' &&
    (platform !== undefined || mediaType === MANIFEST_TYPE)
  );
}

function toReference({ mediaType, digest, size }: Descriptor, file: (path: string) => Uint8Array): LayerReference {
  return {
    mediaType: ociType(mediaType),
    digest,
    size,
    async read() {
      const bytes = file(blobPath(digest));
      if (digestOf(bytes) !== digest)
        throw new TenfoldError('bad-request', `The layer ${digest} of the tar is damaged.`);
      return bytes;
    },
  };
}

interface DockerManifest {
  readonly Config: string;
  readonly Layers: readonly string[];
}

/** The archive that `docker save` of older versions writes: layers as they are, not compressed. */
function readDocker(manifests: readonly DockerManifest[], file: (path: string) => Uint8Array): readonly Image[] {
  return manifests.slice(0, 1).map(({ Config, Layers }) => {
    const layers = Layers.map(path => {
      const bytes = file(path);
      const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
      const mediaType = isGzip ? LAYER_TYPE : LAYER_TYPE.replace('+gzip', '');
      return { mediaType, digest: digestOf(bytes), size: bytes.length, read: async () => bytes };
    });
    return readConfig(file(Config), layers);
  });
}
