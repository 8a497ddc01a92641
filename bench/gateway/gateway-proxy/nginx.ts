// nginx with one worker and 50 prefixes, where the machine has it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from './peer.ts';

export function findNginx(folder: string, upstream: string): Peer | string {
  if (spawnSync('nginx', ['-v']).status !== 0) return 'not installed here (`apt-get install nginx-light`)';
  const home = join(folder, 'nginx');
  mkdirSync(home);
  const args = (port: number) => {
    const file = join(home, 'nginx.conf');
    writeFileSync(file, config(home, upstream, port));
    return ['-p', home, '-e', join(home, 'error.log'), '-c', file];
  };
  return { program: 'nginx', args };
}

/** One process that is master and worker at once, so that its CPU time is all of it. */
function config(home: string, upstream: string, port: number): string {
  const locations = Array.from(
    { length: 50 },
    (_, index) => `location /shop/r${index}/ { proxy_pass http://upstream/r${index}/; }`,
  );
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${home}/${name};`);
  return `
daemon off;
master_process off;
pid ${home}/pid;
events { worker_connections 1024; }
http {
  ${paths.join('\n  ')}
  access_log off;
  keepalive_requests 100000000;
  upstream upstream { server ${new URL(upstream).host}; keepalive 256; keepalive_requests 100000000; }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  server { listen 127.0.0.1:${port}; ${locations.join('\n    ')} }
}
`;
}
