// Probes of the pods of Functions, and of all that the chart renders: over HTTP wherever code of
// ours answers, and never nervous.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type KubeObject, read, readNumber, readText } from '../../../k8s/api/kube-object.ts';
import { SOURCE_ANNOTATION } from '../../../k8s/apply/bundle.ts';
import { withRuntime } from '../../../k8s/providers/code.ts';
import { deploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { knativeObjects } from '../../../k8s/providers/knative/objects.ts';
import { render } from '../../chart/helm.ts';
import { distributed, everything } from '../../chart/samples.ts';
import { context, functionOf, variants } from './deployment/functions.ts';

const IMAGE = { image: 'ghcr.io/acme/menu:1' };
const SOURCE = { source: './menu.ts' };

/** As an operator has them run, a source with its code in the cluster. */
function objectsOf(spec: object): Record<'deployment' | 'knative', readonly KubeObject[]> {
  const fn = functionOf(spec, 'menu', 'default', { [SOURCE_ANNOTATION]: 'fn-menu-source-0a1b' });
  const runnable = withRuntime(fn, { image: 'tenfold/function:1' }) ?? assert.fail('it cannot run');
  return { deployment: deploymentProvider.wanted(runnable, context), knative: knativeObjects(runnable, context) };
}

interface Found {
  readonly where: string;
  readonly probe: unknown;
}

/** All of them, wherever in a manifest. */
function probesIn(manifest: unknown, where = ''): Found[] {
  if (typeof manifest !== 'object' || manifest === null) return [];
  return Object.entries(manifest).flatMap(([name, value]) =>
    /^(startup|readiness|liveness)Probe$/.test(name)
      ? [{ where: `${where}.${name}`, probe: value }]
      : probesIn(value, `${where}.${name}`),
  );
}

const probeOf = (objects: readonly KubeObject[], name: string): unknown => {
  const found = probesIn(objects).find(({ where }) => where.endsWith(`.${name}Probe`));
  return found?.probe;
};
const pathOf = (probe: unknown) => readText(probe, 'httpGet', 'path');
/**
 * So long nothing has to answer at least, in seconds, before it counts as failed: each
 * attempt waits for its answer.
 */
const patienceOf = (probe: unknown) =>
  (readNumber(probe, 'failureThreshold') ?? Number.NaN) * (readNumber(probe, 'timeoutSeconds') ?? Number.NaN);

describe('Probes', () => {
  const ours: readonly [name: string, spec: object, live: string, ready: string][] = [
    ['a source', SOURCE, '/healthz', '/readyz'],
    ['an image of tenfold build', { ...IMAGE, probes: {} }, '/healthz', '/readyz'],
    ['an image that says where', { ...IMAGE, probes: { path: '/live' } }, '/live', '/live'],
    ['one that says both', { ...IMAGE, probes: { path: '/live?a=b', readyPath: '/r' } }, '/live?a=b', '/r'],
  ];
  for (const [name, spec, live, ready] of ours) {
    for (const provider of ['deployment', 'knative'] as const) {
      it(`of ${name} by ${provider} are HTTP`, () => {
        const objects = objectsOf(spec)[provider];
        const found = probesIn(objects);
        assert.equal(found.length, provider === 'knative' ? 2 : 3);
        for (const { where, probe } of found) assert.equal(read(probe, 'tcpSocket'), undefined, where);
        assert.equal(pathOf(probeOf(objects, 'liveness')), live);
        assert.equal(pathOf(probeOf(objects, 'readiness')), ready);
      });

      it(`of ${name} by ${provider} bear with seconds of computing, and restart no sooner than a call may take`, () => {
        const objects = objectsOf({ ...spec, timeout: '50s' })[provider];
        assert.ok(patienceOf(probeOf(objects, 'readiness')) >= 30);
        assert.ok(patienceOf(probeOf(objects, 'liveness')) >= 80);
        assert.ok(patienceOf(probeOf(objects, 'liveness')) <= 100, 'it is restarted all the same');
      });
    }
  }

  it('of another image are an open port', () => {
    const { deployment, knative } = objectsOf(IMAGE);
    for (const { probe, where } of [...probesIn(deployment), ...probesIn(knative)])
      assert.notEqual(read(probe, 'tcpSocket'), undefined, where);
    assert.equal(probeOf(knative, 'readiness'), undefined, 'Knative has its own');
  });

  it('of a start begin when most processes listen: each that nothing answers is a Warning Event', () => {
    for (const spec of [SOURCE, IMAGE]) {
      const probe = probeOf(objectsOf(spec).deployment, 'startup');
      // The kubelet rounds the age of a process down, so it may begin a second earlier.
      assert.equal(readNumber(probe, 'initialDelaySeconds'), 2);
      assert.equal(readNumber(probe, 'periodSeconds'), 1);
    }
  });

  it('never fail sooner than they are told, and not much later', () => {
    const seconds = (min: number, max: number) => fc.integer({ min, max });
    fc.assert(
      fc.property(
        seconds(1, 600),
        seconds(10, 3600),
        seconds(1, 900),
        fc.boolean(),
        (unready, restart, timeout, own) => {
          const times = { unreadyAfter: `${unready}s`, ...(own ? { restartAfter: `${restart}s` } : {}) };
          const wanted = own ? restart : Math.max(60, timeout + 30);
          const objects = objectsOf({ ...IMAGE, timeout: `${timeout}s`, probes: times });
          for (const of of Object.values(objects)) {
            const [ready, live] = [probeOf(of, 'readiness'), probeOf(of, 'liveness')];
            assert.ok(patienceOf(ready) >= unready && patienceOf(ready) < unready + 10);
            assert.ok(patienceOf(live) >= wanted && patienceOf(live) < wanted + 10);
            for (const probe of [ready, live]) assert.ok((readNumber(probe, 'timeoutSeconds') ?? 0) >= 1);
          }
        },
      ),
    );
  });

  it('are HTTP in every manifest that is rendered, but for images that say nothing', async function () {
    this.timeout(600_000);
    const charts = await Promise.all([{}, distributed, everything].map(values => render(values)));
    const functions = Object.values(variants).flatMap(spec => {
      const image = 'image' in spec ? { ...spec, probes: {} } : spec;
      const { image: _, ...source } = { ...spec, ...SOURCE } as Record<string, unknown>;
      return [image, source].flatMap(one => Object.values(objectsOf(one)).flat());
    });
    const found = probesIn([...charts.flat(), ...functions]);
    assert.ok(found.length > 40, `${found.length} probes`);
    for (const { probe, where } of found) {
      assert.ok(pathOf(probe), `${where} is ${JSON.stringify(probe)}`);
      if (where.endsWith('.livenessProbe')) assert.ok(patienceOf(probe) >= 30, `${where} is nervous`);
    }
  });
});
