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

/**
 * Answers with its URL, and what closes it. `others`: paths of packages that it has besides, which
 * are tarballs or folders. Of two with one version it has theirs.
 */
export async function startRegistry(
  others: readonly string[] = [],
): Promise<{ readonly url: string; readonly close: () => void }> {
  const added = Map.groupBy(others, path => manifestIn(path).name);
  const server = createServer((request, response) => {
    const [name = '', tarball] = decodeURIComponent(request.url?.slice(1) ?? '').split('/-/');
    const paths = [...(installed.get(name) ?? []).map(folder => join(root, folder)), ...(added.get(name) ?? [])];
    if (tarball !== undefined) return sendTarball(paths[Number.parseInt(tarball, 10)] ?? '', response);
    response.writeHead(paths.length > 0 ? 200 : 404, { 'content-type': 'application/json' });
    const versions = paths.map((path, at) => {
      const manifest = manifestIn(path);
      return [manifest.version, { ...manifest, dist: { tarball: `${url}${name}/-/${at}.tgz` } }] as const;
    });
    const tags = added.has(name) ? { latest: versions.at(-1)?.[0] } : {};
    response.end(JSON.stringify({ name, 'dist-tags': tags, versions: Object.fromEntries(versions) }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, close: () => server.close() };
}

function manifestIn(path: string): { readonly name: string; readonly version: string } {
  if (!path.endsWith('.tgz')) return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  return JSON.parse(execFileSync('tar', ['--extract', '--to-stdout', '--file', path, 'package/package.json'], UTF8));
}

function sendTarball(path: string, response: ServerResponse): void {
  if (path.endsWith('.tgz')) return void createReadStream(path).pipe(response);
  const from = ['--directory', dirname(path), '--exclude', `${basename(path)}/node_modules`];
  spawn('tar', ['--create', '--gzip', ...from, basename(path)]).stdout.pipe(response);
}
