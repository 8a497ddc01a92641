// An image of one platform: what starts in it, and the layers of its file
// system (OCI image-spec v1.1).
import { type Blob, digestOf, type Layer } from './layer.ts';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
export const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';

export interface Platform {
  /** The name in Go: `linux`. */
  readonly os: string;
  /** The name in Go: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly variant?: string;
}

/** The start configuration of its containers. Names are those of the specification. */
export interface RunConfig {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
}

/** A layer that is there, or one that is only known by name: it stays where the base image is. */
export type LayerReference = Omit<Blob, 'bytes'> & {
  readonly size: number;
  /** The repository that it was read from. */
  readonly from?: { readonly registry: string; readonly repository: string };
  /** Resolves with the bytes, checked against the digest. */
  read(): Promise<Uint8Array>;
};

export interface Image {
  readonly platform: Platform;
  readonly config: RunConfig;
  readonly layers: readonly LayerReference[];
  /** Digest of each layer's tar, in the same order. */
  readonly diffIds: readonly string[];
  /** The digest of its manifest, where it was read with one. */
  readonly digest?: string;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The blobs of an image besides its layers. */
export interface Written {
  readonly manifest: Blob;
  readonly config: Blob;
}

/** Nothing in an image says when it was made, so that the same content has the same digest. */
const CREATED = '1970-01-01T00:00:00Z';

export function emptyImage(platform: Platform, config: RunConfig): Image {
  return { platform, config, layers: [], diffIds: [] };
}

export function appendLayer(image: Image, layer: Layer, change: RunConfig = {}): Image {
  const reference = {
    mediaType: layer.mediaType,
    digest: layer.digest,
    size: layer.bytes.length,
    read: async () => layer.bytes,
  };
  return {
    platform: image.platform,
    config: mergeConfig(image.config, change),
    layers: [...image.layers, reference],
    diffIds: [...image.diffIds, layer.diffId],
  };
}

/**
 * Variables and labels are added to those of the base; everything else takes the
 * place of what the base says.
 */
function mergeConfig(base: RunConfig, change: RunConfig): RunConfig {
  const named = new Set((change.Env ?? []).map(nameOf));
  const env = [...(base.Env ?? []).filter(pair => !named.has(nameOf(pair))), ...(change.Env ?? [])];
  const labels = { ...base.Labels, ...change.Labels };
  return {
    ...base,
    ...change,
    ...(env.length > 0 ? { Env: env } : {}),
    ...(Object.keys(labels).length > 0 ? { Labels: labels } : {}),
  };
}

function nameOf(pair: string): string {
  return pair.split('=', 1)[0] ?? pair;
}

export function writeImage(image: Image): Written {
  const { architecture, os, variant } = image.platform;
  const config = jsonBlob(CONFIG_TYPE, {
    created: CREATED,
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    config: image.config,
    rootfs: { type: 'layers', diff_ids: image.diffIds },
    history: image.diffIds.map(() => ({ created: CREATED, created_by: 'tenfold' })),
  });
  const manifest = jsonBlob(MANIFEST_TYPE, {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: describe(config),
    layers: image.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
  return { manifest, config };
}

/** One name for the same image on several platforms. */
export function writeIndex(manifests: readonly { readonly manifest: Blob; readonly platform: Platform }[]): Blob {
  return jsonBlob(INDEX_TYPE, {
    schemaVersion: 2,
    mediaType: INDEX_TYPE,
    manifests: manifests.map(({ manifest, platform }) => ({ ...describe(manifest), platform })),
  });
}

export function describe({ mediaType, digest, bytes }: Blob): Descriptor {
  return { mediaType, digest, size: bytes.length };
}

function jsonBlob(mediaType: string, value: unknown): Blob {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { mediaType, digest: digestOf(bytes), bytes };
}
