// nginx, the program in the first argument, in front of the server of echo.mjs: what nginx makes of
// a request is what that one tells. Prints nginx's port, then its lines.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folder = mkdtempSync(join(tmpdir(), 'tenfold.nginx-'));
const echo = spawn(process.execPath, [join(import.meta.dirname, 'echo.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
let nginx;

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    nginx?.kill();
    echo.kill();
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
}

const port = await freePort();
let behind;
for await (const line of createInterface({ input: echo.stdout })) {
  if (behind !== undefined) {
    console.log(line);
    continue;
  }
  behind = line;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config());
  nginx = spawn(process.argv[2] ?? 'nginx', ['-p', folder, '-e', join(folder, 'error.log'), '-c', file], {
    stdio: 'ignore',
  });
  await listening();
  console.log(port);
}

function config() {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${folder}/${name};`,
  );
  return `
daemon off;
master_process off;
pid ${folder}/pid;
events { worker_connections 256; }
http {
  ${paths.join('\n  ')}
  access_log off;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${behind}; } }
}
`;
}

function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function listening() {
  for (;;) {
    const open = await new Promise(resolve => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
