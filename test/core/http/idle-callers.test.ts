// Every client of the tree, over real sockets: it closes a connection that nobody uses before the
// other side or a proxy in between drops it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { realWorld } from '../../../core/world.ts';
import { openS3Link } from '../../../drivers/blob-store/s3/link.ts';
import { createElasticsearchClient } from '../../../drivers/search-index/elasticsearch/connection-options.ts';
import { createAddressCheck } from '../../../gateway/transport/address-policy.ts';
import { createHttp1Transport } from '../../../gateway/transport/http1/http1-transport.ts';
import { createUndiciTransport } from '../../../gateway/transport/undici-transport.ts';
import { createRegistryClient } from '../../../images/registry/registry-client.ts';
import { createKubeClient } from '../../../k8s/api/kube-client.ts';
import { GatewayCalls } from '../../../k8s/providers/openfaas/gateway-calls.ts';
import { createHttpTransport } from '../../../sdk/client/http-transport.ts';
import { createOtlpSender } from '../../../server/tracing/send-otlp.ts';
import { sendTo } from '../../contract/transport/send-to.ts';
import { eventually } from '../../eventually.ts';

interface Caller {
  /** Rejects where the answer is no good one. */
  ask(): Promise<unknown>;
  close?(): unknown;
}

const toLoopback = { checkAddress: createAddressCheck({ allowLoopback: true }), connectTimeoutMs: 60_000 };
const { signal } = new AbortController();

/** Each asks for something that the server answers with `{}`. */
const callers: Readonly<Record<string, (url: string) => Caller | Promise<Caller>>> = {
  async 'the driver for S3'(endpoint) {
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    const connection = { bucket: 'bucket', endpoint, region: 'us-east-1', credentials };
    const link = await openS3Link({ world: realWorld, connection, requestTimeoutMs: 60_000, log: () => {} });
    const ask = async () => {
      const { Body } = await link.call((s3, options) => s3.getObject({ Bucket: 'bucket', Key: 'key' }, options));
      assert.equal(await Body?.transformToString(), '{}');
    };
    return { ask, close: link.close };
  },
  async 'the driver for Elasticsearch'(url) {
    const client = await createElasticsearchClient({ nodes: [url] }, 1_000_000);
    return { ask: () => client.info(), close: () => client.close() };
  },
  'the client for Kubernetes'(server) {
    const client = createKubeClient({ server, namespace: 'default' }, 'test');
    return { ask: () => client.call('GET', '/version'), close: client.close };
  },
  'the client for registries of images'(url) {
    const reference = { registry: new URL(url).host, repository: 'a/b', tag: 'latest', digest: undefined };
    const world = { random: () => 0, now: () => 0 };
    const options = { world, pause: async () => {}, signal, credentials: undefined, insecure: true };
    const client = createRegistryClient(reference, 'pull', options);
    const call = { method: 'GET', path: 'tags/list', expected: [200], what: 'The list of tags' } as const;
    return { ask: () => client.call(call), close: client.close };
  },
  'the client for OpenFaaS'(url) {
    const calls = new GatewayCalls({ url });
    return { ask: () => calls.call('GET', '/system/functions', undefined, signal), close: () => calls.close() };
  },
  // Keys of issuers, schemas of registries, callbacks and all targets are
  // asked over one of these two.
  'the transport over undici'(origin) {
    const transport = createUndiciTransport(toLoopback);
    return { ask: () => answerOf(sendTo(transport, { origin })), close: transport.close };
  },
  'the transport over connections of its own'(origin) {
    const transport = createHttp1Transport({ ...toLoopback, secure: createUndiciTransport(toLoopback) });
    return { ask: () => answerOf(sendTo(transport, { origin })), close: transport.close };
  },
  'the SDK'(url) {
    const transport = createHttpTransport({ url, keyHeader: undefined });
    return { ask: () => transport({ method: 'GET', target: '/', headers: {}, body: undefined, signal }) };
  },
  'the sender of spans'(url) {
    const send = createOtlpSender();
    const target = { url, headers: {}, timeoutMs: 60_000 };
    return { ask: async () => assert.equal(await send(target, [Buffer.from('spans')], signal), undefined) };
  },
  fetch: url => ({ ask: async () => (await fetch(url)).json() }),
};

async function answerOf(sent: Promise<{ readonly status: number; readonly error: Error | undefined }>): Promise<void> {
  const { status, error } = await sent;
  if (error) throw error;
  assert.equal(status, 200);
}

/**
 * It neither closes connections nor announces that it would, like a server behind a load balancer.
 */
async function startServer() {
  const open = new Set<Socket>();
  let requests = 0;
  const server = createServer({ keepAliveTimeout: 0 }, (_request, response) => {
    requests++;
    response.setHeader('x-elastic-product', 'Elasticsearch');
    response.setHeader('content-type', 'application/json');
    response.end('{}');
  });
  server.on('connection', socket => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    url: `http://127.0.0.1:${address.port}`,
    open,
    requests: () => requests,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('idle connections of callers', () => {
  it('are closed by each of them, and the next request has a new one', async () => {
    const outcomes = Object.entries(callers).map(async ([name, create]) => {
      const server = await startServer();
      const caller = await create(server.url);
      try {
        await caller.ask();
        await eventually(() => server.open.size === 0, `${name} closes its idle connection`);
        await caller.ask();
        // A second attempt would hide that the first met a connection that leads nowhere.
        assert.equal(server.requests(), 2, `${name} asks once each time`);
      } finally {
        await caller.close?.();
        server.close();
      }
    });
    const settled = await Promise.allSettled(outcomes);
    const failed = settled.flatMap(outcome => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
    assert.deepEqual(failed, []);
  });
});
