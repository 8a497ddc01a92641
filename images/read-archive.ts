// Reads images from a tar, as `make images`, `docker save` and other tools of OCI layouts write it.
import { unpackTar } from 'modern-tar';
import * as z from 'zod';
import { TenfoldError } from '../core/errors.ts';
import { type Image, type LayerReference, MANIFEST_TYPE } from './image.ts';
import { digestOf, LAYER_TYPE } from './layer.ts';
import { ociType, readConfig } from './registry/pull.ts';
import { blobPath } from './write-archive.ts';

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string(),
  size: z.number(),
  platform: z.object({ os: z.string() }).optional(),
});
const manifest = z.object({
  manifests: z.array(descriptor).optional(),
  config: descriptor.optional(),
  layers: z.array(descriptor).optional(),
});
/** Older versions of `docker save` write it in place of an index. */
const dockerManifests = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()) }));

type Descriptor = z.infer<typeof descriptor>;

/** An index may lead to another one; an index that leads to itself must come to an end. */
const MOST_INDEXES = 8;

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
  const json = <T>(path: string, schema: z.ZodType<T>): T => {
    try {
      return schema.parse(JSON.parse(new TextDecoder().decode(file(path))));
    } catch (cause) {
      if (cause instanceof TenfoldError) throw cause;
      throw new TenfoldError('bad-request', `${name} is no tar of an image: ${path} cannot be read.`, { cause });
    }
  };
  if (!files.has('index.json')) return readDocker(json('manifest.json', dockerManifests), file);
  const toImages = ({ digest }: Descriptor, depth: number): readonly Image[] => {
    if (depth > MOST_INDEXES)
      throw new TenfoldError('bad-request', `${name} has more than ${MOST_INDEXES} indexes in each other.`);
    const { manifests, config, layers = [] } = json(blobPath(digest), manifest);
    if (manifests !== undefined) return manifests.filter(isImage).flatMap(each => toImages(each, depth + 1));
    if (config === undefined) return [];
    const image = readConfig(
      file(blobPath(config.digest)),
      layers.map(layer => toReference(layer, file)),
    );
    return [{ ...image, digest }];
  };
  const images = (json('index.json', manifest).manifests ?? []).flatMap(each => toImages(each, 1));
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

/** The archive that `docker save` of older versions writes: layers as they are, not compressed. */
function readDocker(manifests: z.infer<typeof dockerManifests>, file: (path: string) => Uint8Array): readonly Image[] {
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
