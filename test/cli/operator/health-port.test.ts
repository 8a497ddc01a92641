// What the port of an operator tells, and to whom it does not.
import assert from 'node:assert/strict';
import { type HealthPort, openHealthPort } from '../../../cli/operator/health-port.ts';
import { realWorld } from '../../../core/world.ts';

describe('The port of an operator', () => {
  let port: HealthPort;
  const stats = { leader: true, synced: true, queued: 0, reconciles: 0, failures: 0, objects: 0, invalid: 0 };
  before(async () => {
    port = await openHealthPort(realWorld, { host: '127.0.0.1', port: 0 }, () => stats);
  });
  after(() => port.close());

  it('says that it lives to who asks directly', async () => {
    assert.equal((await fetch(`${port.address}/healthz`)).status, 200);
  });

  it('says nothing to a platform that calls on behalf of a resource', async () => {
    for (const path of ['healthz', 'readyz', 'metrics', 'nothing'])
      assert.equal((await fetch(`${port.address}/${path}`, { headers: { 'tenfold-timeout-ms': '9' } })).status, 403);
  });
});
