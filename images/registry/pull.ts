// Reads images from a registry: their manifests at once, their layers when they are needed.
import { TenfoldError } from '../../core/errors.ts';
import {
  CONFIG_TYPE,
  type Image,
  INDEX_TYPE,
  type LayerReference,
  MANIFEST_TYPE,
  type Platform,
  type RunConfig,
} from '../image.ts';
import { digestOf } from '../layer.ts';
import type { RegistryClient } from './registry-client.ts';

const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const ACCEPT = [INDEX_TYPE, DOCKER_LIST, MANIFEST_TYPE, DOCKER_MANIFEST].join(', ');

interface RawDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface RawManifest {
  readonly mediaType?: string;
  readonly manifests?: readonly RawDescriptor[];
  readonly config?: RawDescriptor;
  readonly layers?: readonly RawDescriptor[];
}

interface RawConfig extends Platform {
  readonly config?: RunConfig;
  readonly rootfs?: { readonly diff_ids?: readonly string[] };
}

/** One for each platform of a list; attestations, which stand beside them there, are left out. */
export async function pullImages(client: RegistryClient): Promise<readonly Image[]> {
  const { tag, digest } = client.reference;
  const top = await manifest(client, digest ?? tag ?? 'latest');
  const { manifests } = top.read;
  if (manifests === undefined) return [await toImage(client, top)];
  const listed = manifests.filter(({ platform }) => platform !== undefined && platform.os !== 'unknown');
  return await Promise.all(listed.map(async one => toImage(client, await manifest(client, one.digest))));
}

interface ReadManifest {
  readonly read: RawManifest;
  readonly digest: string;
}

async function manifest(client: RegistryClient, name: string): Promise<ReadManifest> {
  const answer = await client.call({
    method: 'GET',
    path: `manifests/${name}`,
    headers: { accept: ACCEPT },
    expected: [200],
    what: `Reading ${client.reference.repository}:${name}`,
  });
  if (name.startsWith('sha256:')) assertDigest(name, answer.body);
  const read = parseObject<RawManifest>(answer.body, `The manifest of ${client.reference.repository}:${name}`);
  return { read, digest: digestOf(answer.body) };
}

async function toImage(client: RegistryClient, { read, digest }: ReadManifest): Promise<Image> {
  const { config, layers = [] } = read;
  if (config === undefined)
    throw new TenfoldError(
      'bad-gateway',
      `${client.reference.repository} is no image: its manifest names no configuration.`,
    );
  const image = readConfig(
    await blob(client, config.digest),
    layers.map(layer => toReference(client, layer)),
  );
  return { ...image, digest };
}

/** The configuration of an image, wherever it was read. */
export function readConfig(bytes: Uint8Array, layers: readonly LayerReference[]): Image {
  const { os, architecture, variant, config, rootfs } = parseObject<RawConfig>(bytes, 'The configuration of the image');
  const diffIds = rootfs?.diff_ids ?? [];
  if (diffIds.length !== layers.length)
    throw new TenfoldError(
      'bad-gateway',
      `The image has ${layers.length} layers, and its configuration (${CONFIG_TYPE}) names ${diffIds.length}.`,
    );
  return {
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    config: config ?? {},
    layers,
    diffIds,
  };
}

/**
 * Parses an answer that others wrote, such as a page of a proxy in front of the registry; throws
 * `bad-gateway` where it is no object of JSON.
 */
function parseObject<T extends object>(bytes: Uint8Array, what: string): T {
  const text = new TextDecoder().decode(bytes);
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null) return read as T;
  } catch {
    // The code below reports it like any other value that is no object.
  }
  const start = text.trim().slice(0, 60);
  throw new TenfoldError('bad-gateway', `${what} is no object of JSON; it begins with ${JSON.stringify(start)}.`);
}

function toReference(client: RegistryClient, { mediaType, digest, size }: RawDescriptor): LayerReference {
  const { registry, repository } = client.reference;
  return {
    mediaType: ociType(mediaType),
    digest,
    size,
    from: { registry, repository },
    read: () => blob(client, digest),
  };
}

async function blob(client: RegistryClient, digest: string): Promise<Uint8Array> {
  const { body } = await client.call({
    method: 'GET',
    path: `blobs/${digest}`,
    expected: [200],
    what: `Reading ${digest}`,
  });
  assertDigest(digest, body);
  return body;
}

function assertDigest(digest: string, bytes: Uint8Array): void {
  const found = digestOf(bytes);
  if (found !== digest)
    throw new TenfoldError('bad-gateway', `The content read as ${digest} is ${found}: it was changed on its way.`);
}

/** The same bytes have two names; a manifest of OCI uses its own. */
export function ociType(mediaType: string): string {
  return mediaType
    .replace('application/vnd.docker.image.rootfs.diff.tar.gzip', 'application/vnd.oci.image.layer.v1.tar+gzip')
    .replace('application/vnd.docker.image.rootfs.diff.tar', 'application/vnd.oci.image.layer.v1.tar');
}
