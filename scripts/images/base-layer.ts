// The layer that both images stand on: Node.js, the libraries that it needs, and the few files
// that they look for. No shell.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createLayer, digestOf, LAYER_TYPE, type Layer, type LayerFile } from '../../images/layer.ts';

/** An arbitrary user, as in other images without a shell; Kubernetes wants a number. */
export const USER = 65_532;

const NODE = '/usr/bin/node';
/** Asked by the C library when a name is looked up; no program is linked to them. */
const LOADED_LATER = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'];
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
const run = promisify(execFile);

/**
 * `node` is the program; the layer is kept in `cache`, because compressing it takes ten seconds.
 */
export async function baseLayer(node: string, cache: string): Promise<Layer> {
  const files = await baseFiles(node);
  const key = digestOf(
    files.map(({ path, content, mode }) => `${path} ${mode} ${content && digestOf(content)}`).join('\n'),
  );
  const kept = join(cache, `base-${key.slice(-16)}`);
  if (existsSync(`${kept}.json`)) {
    const bytes = await readFile(`${kept}.tar.gz`);
    const { digest, diffId } = JSON.parse(await readFile(`${kept}.json`, 'utf8'));
    if (digestOf(bytes) === digest) return { mediaType: LAYER_TYPE, digest, diffId, bytes };
  }
  const layer = await createLayer(files);
  await mkdir(cache, { recursive: true });
  await writeWhole(`${kept}.tar.gz`, layer.bytes);
  await writeWhole(`${kept}.json`, JSON.stringify({ digest: layer.digest, diffId: layer.diffId }));
  return layer;
}

/** Others see the file as a whole or not at all. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, content);
  await rename(partial, path);
}

export async function baseFiles(node: string): Promise<LayerFile[]> {
  const text = (path: string, content: string): LayerFile => ({ path, content: new TextEncoder().encode(content) });
  return [
    { path: NODE, content: await readFile(await realpath(node)), mode: 0o755 },
    ...(await libraries(node)),
    text(
      '/etc/passwd',
      `root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:${USER}:${USER}:nonroot:/home/nonroot:/sbin/nologin\n`,
    ),
    text('/etc/group', `root:x:0:\nnonroot:x:${USER}:\n`),
    text('/etc/nsswitch.conf', 'hosts: files dns\n'),
    ...(existsSync(AUTHORITIES) ? [{ path: AUTHORITIES, content: await readFile(AUTHORITIES) }] : []),
    { path: '/tmp', mode: 0o1777 },
    { path: '/home/nonroot', mode: 0o700, owner: USER },
  ];
}

/** The dynamic linker looks for them in the images where it finds them here. */
async function libraries(node: string): Promise<LayerFile[]> {
  const { stdout } = await run('ldd', [await realpath(node)]).catch(cause => {
    throw new Error('The libraries that Node.js needs are not known: "ldd" does not run here. Use the Dockerfiles.', {
      cause,
    });
  });
  const paths = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
  const folder = dirname(paths.find(path => path.includes('/libc.so')) ?? '');
  const later = LOADED_LATER.map(name => join(folder, name)).filter(existsSync);
  return await Promise.all(
    [...new Set([...paths, ...later])].map(async path => ({ path, content: await readFile(path), mode: 0o755 })),
  );
}
