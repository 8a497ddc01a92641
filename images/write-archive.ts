// Writes images as one tar that docker, containerd, kind and every tool of OCI layouts take.
import { packTar, type TarEntry } from 'modern-tar';
import { describe, type Image, writeImage, writeIndex } from './image.ts';
import type { Blob } from './layer.ts';

const EPOCH = new Date(0);
/**
 * The annotations in which containerd, and the specification (there it is only the tag), look for
 * the name of the image.
 */
const CONTAINERD_NAME = 'io.containerd.image.name';
const REF_NAME = 'org.opencontainers.image.ref.name';

/**
 * `images` is the same image for one platform or several; `name` is a whole reference such as
 * `registry.example/shop/orders:1.2`.
 */
export async function writeArchive(name: string, images: readonly Image[]): Promise<Uint8Array> {
  const written = images.map(image => ({ image, platform: image.platform, ...writeImage(image) }));
  const [first] = written;
  if (first === undefined) throw new TypeError('An archive needs an image.');
  const index = written.length > 1 ? writeIndex(written) : undefined;
  const top = describe(index ?? first.manifest);
  const annotations = { [CONTAINERD_NAME]: fullName(name), [REF_NAME]: tagOf(name) };
  const entries = new Map<string, Uint8Array>();
  for (const { manifest, config, image } of written) {
    for (const blob of [manifest, config]) entries.set(blobPath(blob.digest), blob.bytes);
    for (const layer of image.layers) {
      if (!entries.has(blobPath(layer.digest))) entries.set(blobPath(layer.digest), await layer.read());
    }
  }
  if (index !== undefined) entries.set(blobPath(index.digest), index.bytes);
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  entries.set('oci-layout', text({ imageLayoutVersion: '1.0.0' }));
  entries.set('index.json', text({ schemaVersion: 2, manifests: [{ ...top, annotations }] }));
  // The file for `docker load` without OCI layouts.
  entries.set('manifest.json', text([dockerManifest(name, first.config, first.image)]));
  return await packTar([...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(toEntry));
}

function dockerManifest(name: string, config: Blob, { layers }: Image) {
  return {
    Config: blobPath(config.digest),
    RepoTags: [name],
    Layers: layers.map(({ digest }) => blobPath(digest)),
  };
}

function toEntry([name, bytes]: readonly [string, Uint8Array]): TarEntry {
  const header = { name, type: 'file', size: bytes.length, mode: 0o644, mtime: EPOCH, uid: 0, gid: 0 } as const;
  return { header: { ...header, uname: '', gname: '' }, body: bytes };
}

export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** containerd knows no short names. */
function fullName(name: string): string {
  const [first = '', ...rest] = name.split('/');
  if (rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')) return name;
  return rest.length === 0 ? `docker.io/library/${name}` : `docker.io/${name}`;
}

function tagOf(name: string): string {
  return /:([^:/]+)$/.exec(name)?.[1] ?? 'latest';
}
