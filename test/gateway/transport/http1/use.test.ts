// How long a connection is used: one to a Service, which shares out connections and not requests,
// not for long, however busy it is.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mock } from 'node:test';
import { createHttp1Transport, refusedMsOf, useMsOf } from '../../../../gateway/transport/http1/http1-transport.ts';
import { Refusals } from '../../../../gateway/transport/http1/refusals.ts';
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

  it('is tried again for a while when it is refused on its way to a Function', async () => {
    assert.deepEqual(['fn-menu.shop.svc', 'menu.shop.svc', 'fn-menu.example'].map(refusedMsOf), [3_000, 0, 0]);
    const server = createServer((_, response) => void response.end('done'));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const origin = `http://127.0.0.1:${port}`;
    const options = { checkAddress: () => undefined, connectTimeoutMs: 10_000 };
    const create = (refusedMs: number) =>
      createHttp1Transport({ ...options, secure: createUndiciTransport(options), refusedMs: () => refusedMs });
    const [patient, other] = [create(8_000), create(0)];
    try {
      await new Promise(resolve => server.close(resolve));
      const waits = sendTo(patient, { origin, method: 'POST', body: 'once' });
      assert.equal((await sendTo(other, { origin })).error?.code, 'ECONNREFUSED');
      await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
      assert.equal((await waits).status, 200);
      await new Promise(resolve => {
        server.close(resolve);
        server.closeAllConnections();
      });
      const short = create(200);
      assert.equal((await sendTo(short, { origin })).error?.code, 'ECONNREFUSED');
      const gone = sendTo(patient, { origin });
      await patient.destroy();
      assert.ok((await gone).error);
      await short.destroy();
    } finally {
      await Promise.all([patient.destroy(), other.destroy()]);
    }
  });

  it('leads to an instance where that is called directly, which is told nothing else for it', async () => {
    const server = createServer(({ headers, url }, response) => void response.end(`${headers.host} ${url}`));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const options = { checkAddress: () => undefined, connectTimeoutMs: 10_000 };
    const transport = createHttp1Transport({ ...options, secure: createUndiciTransport(options) });
    const via = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const { status, body } = await sendTo(transport, { origin: 'http://fn-menu.shop.svc', via, path: '/a' });
      assert.deepEqual([status, body], [200, 'fn-menu.shop.svc /a']);
    } finally {
      await transport.destroy();
      server.close();
    }
  });

  it('is tried again by one of all that wait, and then by all', () => {
    let now = 0;
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const refusals = new Refusals(() => now);
      const tried: string[] = [];
      const wait = (name: string, until: number) =>
        refusals.add({ until, again: () => void tried.push(name), giveUp: () => void tried.push(`not ${name}`) });
      const pass = (ms: number) => {
        now += ms;
        mock.timers.tick(ms);
        return tried.splice(0);
      };
      for (let index = 0; index < 3; index++) wait(`${index}`, 1_000);
      wait('brief', 70);
      wait('late', 40);
      assert.deepEqual(tried.splice(0), ['not late']);
      assert.deepEqual(pass(49), []);
      assert.deepEqual(pass(1), ['not brief', '0']);
      wait('0', 1_000);
      assert.deepEqual(pass(50), ['1']);
      refusals.through();
      assert.deepEqual(tried.splice(0), ['2', '0']);
      assert.deepEqual(pass(1_000), []);
      wait('3', 2_000);
      refusals.end();
      wait('4', 2_000);
      assert.deepEqual(tried.splice(0), ['not 3', 'not 4']);
      assert.deepEqual(pass(1_000), []);
    } finally {
      mock.timers.reset();
    }
  });
});
