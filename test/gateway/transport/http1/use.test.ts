// How long a connection is used: one to a Service, which shares out connections and not requests, not for long, however busy it is.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttp1Transport, useMsOf } from '../../../../gateway/transport/http1/http1-transport.ts';
import { createUndiciTransport } from '../../../../gateway/transport/undici-transport.ts';
import { sendTo } from '../../../contract/transport/send-to.ts';

describe('a connection of the gateway', () => {
  it('is left after a while when it leads to a Service', () => {
    for (const service of ['fn.shop.svc', 'fn.shop.svc.cluster.local']) assert.equal(useMsOf(service), 1_000);
    for (const other of ['fn.shop', 'svc.example', '10.0.0.1', 'localhost', '::1', 'a.svcs.example'])
      assert.equal(useMsOf(other), Number.POSITIVE_INFINITY);
  });

  for (const [useMs, what] of [
    [50, 'gives way to a new one in time, though it is never idle'],
    [Number.POSITIVE_INFINITY, 'else is used on and on'],
  ] as const)
    it(what, async () => {
      const used = new Set<unknown>();
      const server = createServer((request, response) => {
        used.add(request.socket);
        response.end('done');
      });
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
      const options = { checkAddress: () => undefined, connectTimeoutMs: 10_000 };
      const transport = createHttp1Transport({
        ...options,
        secure: createUndiciTransport(options),
        useMs: hostname => (hostname === '127.0.0.1' ? useMs : 0),
      });
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      try {
        const end = performance.now() + 500;
        for (let sent = 0; sent < 20 || performance.now() < end; sent++)
          assert.deepEqual((await sendTo(transport, { origin })).status, 200);
        if (useMs === Number.POSITIVE_INFINITY) assert.equal(used.size, 1);
        else assert.ok(used.size > 1 && used.size <= 20, `${used.size} connections`);
      } finally {
        await transport.destroy();
        server.close();
      }
    });
});
