// The proxies that ours is measured against: how each is started, or why it cannot be.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findEnvoy } from './envoy.ts';
import { findNginx } from './nginx.ts';
import type { Peer } from './peer.ts';

/** How our own TypeScript is run. */
export const SOURCE = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];

export const BARE = 'bare node:http + undici';
export const BARE_OWN = 'bare node:http + our transport';
export const NGINX = 'nginx';
export const ENVOY = 'Envoy, one worker';
export const GO = 'Go httputil.ReverseProxy';
export const FASTIFY = '@fastify/http-proxy';
export const EXPRESS = 'Express + http-proxy-middleware';

/** By name; a text says why the peer is absent. `folder` takes configurations and binaries. */
export function findPeers(here: string, folder: string, upstream: string): ReadonlyArray<[string, Peer | string]> {
  const script = (file: string): Peer => ({ args: () => [`gateway-proxy/${file}`] });
  return [
    [BARE, script('bare.mjs')],
    [BARE_OWN, { args: () => [...SOURCE, 'gateway-proxy/bare-own.ts'] }],
    [NGINX, findNginx(folder, upstream)],
    [ENVOY, findEnvoy(folder, upstream)],
    [GO, buildGo(join(here, 'gateway-proxy/goproxy'), join(folder, 'goproxy'))],
    [FASTIFY, script('fastify.mjs')],
    [EXPRESS, script('express.mjs')],
  ];
}

function buildGo(cwd: string, binary: string): Peer | string {
  const { status } = spawnSync('go', ['build', '-o', binary, '.'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  return status === 0 ? { program: binary, args: () => [] } : 'go cannot build it here';
}
