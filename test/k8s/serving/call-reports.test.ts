// What the API server is told of calls: seldom, and at once when somebody has to be woken.
import assert from 'node:assert/strict';
import type { KubeClient } from '../../../k8s/api/kube-client.ts';
import { KubeError } from '../../../k8s/api/kube-error.ts';
import { createCallReports } from '../../../k8s/serving/call-reports.ts';
import { placeOf, serviceOf } from '../../../k8s/serving/place-of.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const KEY = 'Function/default/menu';

function start(fails = () => false) {
  const world = createFakeWorld();
  const told: unknown[] = [];
  const lines: string[] = [];
  const client: KubeClient = {
    async call(_method, path, options) {
      assert.equal(path, `/apis/${API_VERSION}/namespaces/default/functions/menu/status`);
      told.push(options?.body);
      if (fails()) throw new KubeError('forbidden', 'no', 403, {});
      return {};
    },
    stream: () => assert.fail(),
    async close() {},
  };
  const reports = createCallReports(world, client, (_level, message) => void lines.push(message));
  return { world, told, lines, reports };
}

function fn(status: object) {
  return {
    apiVersion: API_VERSION,
    kind: 'Function',
    metadata: { name: 'menu', namespace: 'default', uid: 'u' },
    status,
  };
}

describe('reports of calls', () => {
  it('are few, however many calls there are', async () => {
    const { world, told, reports } = start();
    reports.saw(KEY, fn({ idleSeconds: 60 }));
    for (let second = 0; second < 100; second++) {
      for (let call = 0; call < 10; call++) reports.called(KEY);
      await world.pass(1000);
    }
    assert.equal(told.length, 4);
  });

  it('are none where another process has told, or where the operator does not ask', async () => {
    const { world, told, reports } = start();
    reports.called(KEY);
    reports.saw(KEY, fn({}));
    reports.called(KEY);
    reports.saw(KEY, fn({ idleSeconds: 60, calledAt: 'now' }));
    await world.pass(2000);
    reports.called(KEY);
    assert.equal(told.length, 0);
    await world.pass(30_000);
    reports.called(KEY);
    assert.equal(told.length, 1);
  });

  it('begin as soon as the operator asks', async () => {
    const { told, reports } = start();
    reports.saw(KEY, fn({}));
    reports.called(KEY);
    reports.saw(KEY, fn({ idleSeconds: 60 }));
    reports.called(KEY);
    assert.equal(told.length, 1);
  });

  it('wake at once what sleeps, and again if that came to nothing', async () => {
    const { world, told, reports } = start();
    reports.saw(KEY, fn({ idleSeconds: 60, calledAt: 'then' }));
    reports.saw(KEY, fn({ idleSeconds: 60, calledAt: 'then', asleepAfter: 'then' }));
    for (let call = 0; call < 100; call++) reports.called(KEY);
    assert.equal(told.length, 1);
    await world.pass(1100);
    reports.called(KEY);
    assert.equal(told.length, 2);
    reports.saw(KEY, fn({ idleSeconds: 60, calledAt: 'now', asleepAfter: 'then' }));
    await world.pass(1100);
    reports.called(KEY);
    assert.equal(told.length, 2);
  });

  it('that are refused are spoken of once', async () => {
    const { world, lines, reports } = start(() => true);
    reports.saw(KEY, fn({ idleSeconds: 60, asleepAfter: 'never' }));
    for (let second = 0; second < 5; second++) {
      reports.called(KEY);
      await world.pass(1100);
    }
    assert.equal(lines.length, 1);
  });
});

describe('the place of a Function', () => {
  const ready = (status: string, reason: string) => [{ type: 'Ready', status, reason, message: 'why' }];
  const rows: readonly [status: object, state: string][] = [
    [{}, 'starting'],
    [{ url: 'http://a' }, 'up'],
    [{ url: 'http://a', conditions: ready('True', 'Available') }, 'up'],
    [{ url: 'http://a', conditions: ready('False', 'Starting') }, 'starting'],
    [{ url: 'http://a', conditions: ready('True', 'Waking') }, 'starting'],
    [{ url: 'http://a', asleepAfter: 'x', conditions: ready('True', 'Asleep') }, 'asleep'],
    [{ url: 'http://a', asleepAfter: 'x', conditions: ready('False', 'NotAccepted') }, 'asleep'],
    [{ url: 'http://a', conditions: ready('False', 'NotAccepted') }, 'up'],
    [{ url: 'http://a', conditions: ready('False', 'Refused') }, 'up'],
    [{ conditions: ready('False', 'Refused') }, 'failing'],
    [{ url: 'http://a', conditions: ready('False', 'Unavailable') }, 'failing'],
    [{ url: 'http://a', conditions: ready('False', 'Stopped') }, 'off'],
  ];
  for (const [status, state] of rows) {
    it(`is ${state} for ${JSON.stringify(status)}`, () => assert.equal(placeOf(fn(status)).state, state));
  }

  it('is another one whenever its instances begin to change, or are done with it', () => {
    const places = ['True first', 'False first', 'True then'].map(text => {
      const [status, lastTransitionTime] = text.split(' ');
      const conditions = [...ready('True', 'Available'), { type: 'Progressing', status, lastTransitionTime }];
      return JSON.stringify(placeOf(fn({ url: 'http://a', conditions })));
    });
    assert.equal(new Set(places).size, 3);
  });

  it('says what runs it, wherever it has an address', () => {
    const statuses = [{}, { asleepAfter: 'x' }, { conditions: ready('False', 'Starting') }];
    for (const status of statuses) {
      const place = placeOf(fn({ url: 'http://a', provider: 'openfaas', ...status }));
      assert.equal('provider' in place && place.provider, 'openfaas', place.state);
    }
  });

  it('has a Service that leads to instances and nothing else where a Deployment runs it', () => {
    const service = (url: string) => serviceOf(placeOf(fn({ url })), 'default', 'menu');
    assert.equal(service('http://fn-menu.default.svc'), 'fn-menu');
    // As Knative says it, and one of somebody's own.
    assert.equal(service('http://fn-menu.default.svc.cluster.local'), undefined);
    assert.equal(service('http://fn-menu.other.svc'), undefined);
    assert.equal(service('http://menu.example'), undefined);
    assert.equal(serviceOf(placeOf(fn({})), 'default', 'menu'), undefined);
  });
});
