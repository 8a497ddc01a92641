// Who is ready while a service is away, and whether each service can be used, as metrics.
import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { createReadiness } from '../../../server/admin/readiness.ts';
import { registerServiceMetrics } from '../../../server/metrics/service-metrics.ts';

describe('readiness', () => {
  const start = (role: 'gateway' | 'worker' | 'serve') => {
    const lacks: { own: readonly string[]; shared: readonly string[] } = { own: [], shared: [] };
    const readiness = createReadiness({ role, own: () => lacks.own, shared: () => lacks.shared });
    return (own: readonly string[], shared: readonly string[]) => {
      Object.assign(lacks, { own, shared });
      return readiness();
    };
  };

  for (const role of ['gateway', 'worker', 'serve'] as const) {
    it(`of a ${role} comes with all that it needs, and says what is missing until then`, () => {
      const ask = start(role);
      assert.deepEqual(ask(['no listener'], ['no Redis']), { ready: false, reasons: ['no listener', 'no Redis'] });
      assert.deepEqual(ask([], ['no Redis']), { ready: false, reasons: ['no Redis'] });
      assert.deepEqual(ask(['no listener'], []), { ready: false, reasons: ['no listener'] });
      assert.deepEqual(ask([], []), { ready: true, reasons: [] });
    });

    it(`of a ${role} ends with what it lacks itself`, () => {
      const ask = start(role);
      ask([], []);
      assert.equal(ask(['it stops'], []).ready, false);
      assert.equal(ask(['it stops'], ['no Redis']).ready, false);
    });
  }

  it('of a gateway outlasts a service, as no other gateway could take its requests; that of a worker does not', () => {
    for (const [role, ready] of [
      ['gateway', true],
      ['worker', false],
      ['serve', false],
    ] as const) {
      const ask = start(role);
      ask([], []);
      assert.deepEqual(ask([], ['no Redis']), { ready, reasons: ['no Redis'] });
    }
  });
});

describe('readiness on a disk that fails', () => {
  for (const role of ['gateway', 'worker', 'serve'] as const) {
    it(`of a ${role} stays, and says so, as nobody else has what is on the disk`, () => {
      let disk: readonly string[] = ['full'];
      const ask = createReadiness({ role, own: () => [], shared: () => [], disk: () => disk });
      assert.deepEqual(ask(), { ready: true, reasons: ['full'] });
      disk = [];
      assert.deepEqual(ask(), { ready: true, reasons: [] });
    });
  }
});

describe('metrics of services', () => {
  it('say of each whether it can be used', async () => {
    const registry = new Registry();
    let usable = true;
    registerServiceMetrics(registry, () => [
      { name: 'Kafka (log)', usable },
      { name: 'Redis (store)', usable: true },
    ]);
    assert.match(await registry.metrics(), /tenfold_service_usable\{service="Kafka \(log\)"\} 1\n/);
    usable = false;
    const text = await registry.metrics();
    assert.match(text, /tenfold_service_usable\{service="Kafka \(log\)"\} 0\n/);
    assert.match(text, /tenfold_service_usable\{service="Redis \(store\)"\} 1\n/);
  });
});
