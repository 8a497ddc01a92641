// A registry of npm that has what this checkout has installed, and packages as they ship: what a
// test installs from it comes from no network.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { root } from '../architecture/source-files.ts';

const UTF8 = { encoding: 'utf8' } as const;
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
/** Its folders by name. */
const installed = Map.groupBy(
  Object.keys(packages).filter(path => /node_modules/.test(path) && existsSync(join(root, path, 'package.json'))),
  path => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
);

/** Answers with its URL, and what closes it. `tarballs`: paths of packages that it has besides. */
export async function startRegistry(
  tarballs: readonly string[] = [],
): Promise<{ readonly url: string; readonly close: () => void }> {
  const packed = new Map(tarballs.map(path => [manifestIn(path).name, path]));
  const server = createServer((request, response) => {
    const [name = '', tarball] = decodeURIComponent(request.url?.slice(1) ?? '').split('/-/');
    const own = packed.get(name);
    if (own !== undefined) return sendPacked(own, tarball === undefined ? url : undefined, response);
    const folders = installed.get(name) ?? [];
    if (tarball !== undefined) return sendTarball(folders[Number.parseInt(tarball, 10)] ?? '', response);
    response.writeHead(folders.length > 0 ? 200 : 404, { 'content-type': 'application/json' });
    const versions = folders.map((folder, at) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      return [manifest.version, { ...manifest, dist: { tarball: `${url}${name}/-/${at}.tgz` } }];
    });
    response.end(JSON.stringify({ name, 'dist-tags': {}, versions: Object.fromEntries(versions) }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, close: () => server.close() };
}

function manifestIn(tarball: string): { readonly name: string; readonly version: string } {
  return JSON.parse(execFileSync('tar', ['--extract', '--to-stdout', '--file', tarball, 'package/package.json'], UTF8));
}

/** What there is of a package, or the package without `url`. */
function sendPacked(path: string, url: string | undefined, response: ServerResponse): void {
  if (url === undefined) return void createReadStream(path).pipe(response);
  const manifest = manifestIn(path);
  const { name, version } = manifest;
  const versions = { [version]: { ...manifest, dist: { tarball: `${url}${name}/-/0.tgz` } } };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }));
}

function sendTarball(folder: string, response: ServerResponse): void {
  const from = ['--directory', dirname(join(root, folder)), '--exclude', `${basename(folder)}/node_modules`];
  spawn('tar', ['--create', '--gzip', ...from, basename(folder)]).stdout.pipe(response);
}
