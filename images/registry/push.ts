// Brings images to a registry: first the missing layers and configurations, then their manifests,
// then the name.
import { TenfoldError } from '../../core/errors.ts';
import { type Image, type LayerReference, MANIFEST_TYPE, writeImage, writeIndex } from '../image.ts';
import type { Blob } from '../layer.ts';
import type { RegistryClient } from './registry-client.ts';

export interface Pushed {
  /** The digest of the list where there are several images, else of the manifest. */
  readonly digest: string;
  readonly uploadedBytes: number;
  readonly skippedBytes: number;
}

/** Larger ones are sent in pieces, so that a line that breaks costs a piece. */
const CHUNK_BYTES = 16 * 1024 * 1024;

/**
 * `images` is the same image for one platform or several. Pushing an existing one sends nothing but
 * its manifests.
 */
export async function pushImages(client: RegistryClient, images: readonly Image[]): Promise<Pushed> {
  const written = images.map(image => ({ image, platform: image.platform, ...writeImage(image) }));
  const [first] = written;
  if (first === undefined) throw new TypeError('There is no image to push.');
  const done = new Set<string>();
  const bytes = { uploaded: 0, skipped: 0 };
  for (const { image, config } of written) {
    const configuration = { ...config, size: config.bytes.length, read: async () => config.bytes };
    for (const blob of [...image.layers, configuration]) {
      if (done.has(blob.digest)) continue;
      done.add(blob.digest);
      bytes[(await uploadBlob(client, blob)) ? 'uploaded' : 'skipped'] += blob.size;
    }
  }
  const { tag } = client.reference;
  for (const { manifest } of written)
    await putManifest(client, manifest, written.length > 1 ? manifest.digest : (tag ?? manifest.digest));
  const index = written.length > 1 ? writeIndex(written) : undefined;
  if (index !== undefined) await putManifest(client, index, tag ?? index.digest);
  return { digest: (index ?? first.manifest).digest, uploadedBytes: bytes.uploaded, skippedBytes: bytes.skipped };
}

/** Answers whether anything was sent. */
async function uploadBlob(client: RegistryClient, blob: LayerReference): Promise<boolean> {
  const what = `Writing ${blob.digest.slice(0, 19)}… to ${client.reference.repository}`;
  if (await isThere(client, blob, what)) return false;
  const { registry, repository } = client.reference;
  const { from } = blob;
  // A registry that has it in another repository need not be sent it.
  const other = from?.registry === registry && from.repository !== repository ? from.repository : undefined;
  const mount = other === undefined ? '' : `?mount=${blob.digest}&from=${other}`;
  const begun = await client.call({
    method: 'POST',
    path: `blobs/uploads/${mount}`,
    headers: { 'content-length': '0' },
    expected: [201, 202],
    what,
  });
  if (begun.status === 201) return false;
  const bytes = await blob.read();
  const { location, sent } = await sendPieces(client, locationOf(client, begun.headers, what), bytes, what);
  const url = new URL(location);
  url.searchParams.set('digest', blob.digest);
  try {
    await client.call({
      method: 'PUT',
      path: url.href,
      headers: { 'content-type': OCTETS },
      body: bytes.subarray(sent),
      expected: [201],
      what,
    });
  } catch (error) {
    // It may have been taken the first time, and only the answer been lost.
    if (!(await isThere(client, blob, what))) throw error;
  }
  return true;
}

async function isThere(client: RegistryClient, { digest }: LayerReference, what: string): Promise<boolean> {
  const { status } = await client.call({ method: 'HEAD', path: `blobs/${digest}`, expected: [200, 404], what });
  return status === 200;
}

/** All but the last piece. */
async function sendPieces(client: RegistryClient, to: string, bytes: Uint8Array, what: string) {
  let location = to;
  let sent = 0;
  while (bytes.length - sent > CHUNK_BYTES) {
    const chunk = bytes.subarray(sent, sent + CHUNK_BYTES);
    const answer = await client.call({
      method: 'PATCH',
      path: location,
      headers: { 'content-type': OCTETS, 'content-range': `${sent}-${sent + chunk.length - 1}` },
      body: chunk,
      // Some answer 204. 416: a piece that was sent again had arrived the first time.
      expected: [202, 204, 416],
      what,
    });
    location = locationOf(client, answer.headers, what, location);
    sent = answer.status !== 416 ? sent + chunk.length : await arrived(client, location, what);
  }
  return { location, sent };
}

const OCTETS = 'application/octet-stream';

/** How many bytes of an upload the registry has. */
async function arrived(client: RegistryClient, location: string, what: string): Promise<number> {
  const { headers } = await client.call({ method: 'GET', path: location, expected: [204], what });
  const [, last] = /^(?:bytes=)?\d+-(\d+)$/.exec(headers['range'] ?? '') ?? [];
  if (last === undefined)
    throw new TenfoldError('bad-gateway', `${what}: the registry does not say how much of it has arrived.`);
  return Number(last) + 1;
}

function locationOf(
  { reference, origin }: RegistryClient,
  headers: Readonly<Record<string, string | undefined>>,
  what: string,
  before?: string,
): string {
  const { location } = headers;
  if (location === undefined && before !== undefined) return before;
  if (location !== undefined) {
    const url = new URL(location, origin);
    // Behind a proxy that ends TLS some say how they are asked by it.
    if (url.protocol === 'http:' && url.host === new URL(origin).host) url.protocol = new URL(origin).protocol;
    return url.href;
  }
  throw new TenfoldError('bad-gateway', `${what}: ${reference.registry} does not say where to send it.`);
}

async function putManifest(client: RegistryClient, manifest: Blob, name: string): Promise<void> {
  await client.call({
    method: 'PUT',
    path: `manifests/${name}`,
    headers: { 'content-type': manifest.mediaType },
    body: manifest.bytes,
    expected: [200, 201, 202],
    what: `Writing the ${manifest.mediaType === MANIFEST_TYPE ? 'manifest' : 'list'} ${client.reference.repository}:${name}`,
  });
}
