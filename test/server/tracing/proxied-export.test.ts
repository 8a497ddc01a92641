// The export through a forward proxy, as Node's own variables and flags ask for it.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { startUpstream } from '../../fakes/echo-upstream.ts';

const PROCESS = new URL('./exporting-process.ts', import.meta.url);

interface Asking {
  readonly flags?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

function start(url: string, { flags = [], env }: Asking) {
  const { NODE_OPTIONS: _, ...own } = process.env;
  return fork(PROCESS, [url], {
    execArgv: ['--conditions=tenfold-source', ...flags],
    env: { ...own, NO_PROXY: '', no_proxy: '', ...env },
  });
}

/** What came to the collector itself, and what to the proxy. */
async function exported(asking: (proxy: string) => Asking) {
  const [collector, proxy] = [await startUpstream(), await startUpstream()];
  const url = `${collector.origin}/v1/traces`;
  const [code] = await once(start(url, asking(proxy.origin)), 'exit');
  await Promise.all([collector.close(), proxy.close()]);
  const [direct, proxied] = [collector, proxy].map(({ seen }) => seen.map(request => request.url));
  return { code, direct, proxied, url };
}

describe('the export of spans and proxies', () => {
  const asked: readonly [name: string, asking: (proxy: string) => Asking][] = [
    ['NODE_USE_ENV_PROXY', proxy => ({ env: { HTTP_PROXY: proxy, NODE_USE_ENV_PROXY: '1' } })],
    ['--use-env-proxy', proxy => ({ env: { HTTP_PROXY: proxy }, flags: ['--use-env-proxy'] })],
    ['NODE_OPTIONS', proxy => ({ env: { HTTP_PROXY: proxy, NODE_OPTIONS: '--use-env-proxy' } })],
  ];
  for (const [name, asking] of asked) {
    it(`goes through the proxy where ${name} asks for it`, async () => {
      const { url, ...rest } = await exported(asking);
      assert.deepEqual(rest, { code: 0, direct: [], proxied: [url] });
    });
  }

  const notAsked: readonly [name: string, asking: (proxy: string) => Asking][] = [
    ['nothing asks for it', proxy => ({ env: { HTTP_PROXY: proxy } })],
    [
      'NO_PROXY names the collector',
      proxy => ({ env: { HTTP_PROXY: proxy, NODE_USE_ENV_PROXY: '1', NO_PROXY: '127.0.0.1' } }),
    ],
  ];
  for (const [name, asking] of notAsked) {
    it(`goes to the collector itself where ${name}`, async () => {
      const { url, ...rest } = await exported(asking);
      assert.deepEqual(rest, { code: 0, direct: [new URL(url).pathname], proxied: [] });
    });
  }

  it('asks the proxy for a tunnel to a collector behind TLS', async () => {
    const proxy = createServer();
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const address = proxy.address();
    assert.ok(typeof address === 'object' && address !== null);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${address.port}`, NODE_USE_ENV_PROXY: '1' };
    const child = start('https://collector.invalid:4318/v1/traces', { env });
    const [request, socket] = await once(proxy, 'connect');
    child.kill('SIGKILL');
    socket.destroy();
    await once(child, 'exit');
    proxy.close();
    assert.equal(request.url, 'collector.invalid:4318');
  });
});
