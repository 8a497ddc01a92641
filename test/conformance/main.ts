// Runs the conformance tests of the Model Context Protocol against `POST /mcp` of a platform, for
// each protocol that it speaks. `make test-mcp`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMcpShop } from '../cli/mcp/mcp-shop.ts';

const SUITE = join(import.meta.dirname, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
const VERSIONS = ['2025-11-25', '2026-07-28'];

/** The tests know no credentials: it adds them to each request, and leaves all else as it came. */
async function withToken(admin: string, token: string): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${token}` };
    const passed = request(new URL(incoming.url ?? '/', admin), { method: incoming.method, headers, setHost: false });
    passed.on('response', answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

async function run(url: string, version: string, results: string): Promise<number | null> {
  const expected = join(import.meta.dirname, `expected-${version}.yaml`);
  const words = ['server', '--url', url, '--suite', 'all', '--spec-version', version];
  const suite = spawn(process.execPath, [SUITE, ...words, '--expected-failures', expected, '-o', results], {
    stdio: 'inherit',
  });
  const [code] = await once(suite, 'close');
  return code;
}

const shop = await startMcpShop();
const proxy = await withToken(shop.admin, shop.token);
const results = mkdtempSync(join(tmpdir(), 'tenfold-conformance-'));
try {
  const { port } = proxy.address() as AddressInfo;
  const codes: (number | null)[] = [];
  for (const version of VERSIONS) codes.push(await run(`http://127.0.0.1:${port}/mcp`, version, results));
  const wrong = VERSIONS.filter((_, at) => codes[at] !== 0);
  assert.deepEqual(wrong, [], 'these have failures that their files of expected failures do not explain, or too many');
} finally {
  proxy.close().closeAllConnections();
  await shop.close();
  rmSync(results, { recursive: true, force: true });
}
