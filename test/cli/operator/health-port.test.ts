// What the port of an operator tells, and to whom it does not.
import assert from 'node:assert/strict';
import { type HealthPort, openHealthPort } from '../../../cli/operator/health-port.ts';
import { realWorld } from '../../../core/world.ts';
import { sendRaw } from '../../fakes/raw-http.ts';

describe('The port of an operator', () => {
  let port: HealthPort;
  const stats = { leader: true, synced: true, queued: 0, reconciles: 0, failures: 0, objects: 0, invalid: 0 };
  before(async () => {
    port = await openHealthPort(realWorld, { host: '127.0.0.1', port: 0, hosts: ['metrics.example'] }, () => stats);
  });
  after(() => port.close());

  it('says that it lives to who asks directly', async () => {
    assert.equal((await fetch(`${port.address}/healthz`)).status, 200);
  });

  it('says what it does to who asks by an address, a name of the inside or a name that is allowed', async () => {
    const ask = async (path: string, host: string) =>
      (await sendRaw(port.address, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).statuses;
    for (const path of ['/readyz', '/metrics']) {
      for (const host of ['10.1.2.3:9090', 'operator.tenfold.svc', 'metrics.example'])
        assert.deepEqual(await ask(path, host), [200], host);
      for (const host of ['evil.example', 'localhost.evil.example', 'EVIL.example.'])
        assert.deepEqual(await ask(path, host), [403], host);
    }
    assert.deepEqual(await ask('/healthz', 'evil.example'), [200]);
  });

  it('says nothing to a platform that calls on behalf of a resource', async () => {
    for (const path of ['healthz', 'readyz', 'metrics', 'nothing'])
      assert.equal((await fetch(`${port.address}/${path}`, { headers: { 'tenfold-timeout-ms': '9' } })).status, 403);
  });
});
