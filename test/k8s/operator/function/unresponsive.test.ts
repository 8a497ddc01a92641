// Instances that gateways found to let calls time out make a Function degraded,
// for as long as that is told.
import assert from 'node:assert/strict';
import { withUnresponsive } from '../../../../k8s/operator/function/unresponsive.ts';
import { decideStatus } from '../../../../k8s/operator/status/decide.ts';
import type { Observation } from '../../../../k8s/providers/provider.ts';
import { createOutlierReports } from '../../../../k8s/serving/outlier-reports.ts';
import { API_VERSION } from '../../../../resources/kinds/index.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { functionOf } from '../../function-of.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const observed: Observation = {
  state: 'ready',
  changing: false,
  message: '2 of 2.',
  url: 'x',
  replicas: 2,
  selector: '',
};
const objectWith = (unresponsive: object | undefined) => ({
  apiVersion: API_VERSION,
  kind: 'Function',
  metadata: { name: 'menu' },
  status: { unresponsive },
});

describe('Instances that only let calls time out', () => {
  it('make a Function degraded while that is told, and not for longer', () => {
    const at = (agoMs: number) => new Date(NOW - agoMs).toISOString();
    const degraded = (unresponsive: object | undefined) => {
      const workload = { observed: withUnresponsive(observed, objectWith(unresponsive), NOW) };
      const findings = decideStatus({ inForce: functionOf({ image: 'a' }), problems: [], waitsFor: [], workload });
      assert.equal(findings.ready.is, true, 'others answer');
      return [findings.degraded.reason, workload.observed.lookAgainMs];
    };
    assert.deepEqual(degraded(undefined), ['Complete', undefined]);
    assert.deepEqual(degraded({ instances: 1, at: at(60_000) }), ['InstancesMissing', 120_000]);
    assert.deepEqual(degraded({ instances: 0, at: at(0) }), ['Complete', undefined]);
    assert.deepEqual(degraded({ instances: 1, at: at(181_000) }), ['Complete', undefined]);
    assert.deepEqual(degraded({ instances: 1, at: 'never' }), ['Complete', undefined]);
  });

  it('are told of when their number changes, and once a minute while there are some', async () => {
    const world = createFakeWorld();
    const told: number[] = [];
    const client = {
      async call(
        _method: string,
        path: string,
        { body }: { body: { status: { unresponsive: { instances: number } } } },
      ) {
        assert.match(path, /functions\/menu\/status$/);
        told.push(body.status.unresponsive.instances);
        return {};
      },
    };
    const reports = createOutlierReports(world, client as never, () => {});
    reports.found('default', 'menu', 0);
    for (let second = 0; second < 150; second++) {
      reports.found('default', 'menu', 1);
      await world.pass(1000);
    }
    reports.found('default', 'menu', 0);
    reports.found('default', 'menu', 0);
    await reports.close();
    assert.deepEqual(told, [1, 1, 1, 0]);
  });
});
