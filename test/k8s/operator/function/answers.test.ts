// Every answer of an API server to a change of a Function by Deployments and by Knative, and what
// is said of the Function: never that a change is there that was not taken.
import assert from 'node:assert/strict';
import { toKubeError, unreachable } from '../../../../k8s/api/kube-error.ts';
import { type ApiResource, apiVersionOf, type KubeObject } from '../../../../k8s/api/kube-object.ts';
import { createCutover } from '../../../../k8s/operator/function/cutover.ts';
import { runFunction } from '../../../../k8s/operator/function/run-function.ts';
import type { ReconcileContext } from '../../../../k8s/operator/reconcile/reconcile-context.ts';
import { decideStatus } from '../../../../k8s/operator/status/decide.ts';
import { deploymentProvider } from '../../../../k8s/providers/deployment/provider.ts';
import { knativeProvider } from '../../../../k8s/providers/knative/provider.ts';
import { API_VERSION } from '../../../../resources/kinds/index.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { functionOf } from '../../function-of.ts';
import { context as planned } from '../../providers/deployment/functions.ts';

const providers = { deployment: deploymentProvider, knative: knativeProvider } as const;
type Name = keyof typeof providers;

const object: KubeObject = {
  apiVersion: API_VERSION,
  kind: 'Function',
  metadata: { name: 'menu', namespace: 'default', uid: planned.owner.uid, generation: 2 },
};
const specOf = (version: number) => functionOf({ image: `acme/menu:${version}`, scale: { replicas: 1 } });

/** As they are once the first version runs. */
function running(name: Name): KubeObject[] {
  const ready = { type: 'Ready', status: 'True' };
  const status = {
    observedGeneration: 1,
    ...{ replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    ...{ conditions: [ready], latestReadyRevisionName: 'kn-menu-00001', latestCreatedRevisionName: 'kn-menu-00001' },
  };
  return providers[name].wanted(specOf(1), planned).map(one => ({
    ...one,
    metadata: { ...one.metadata, generation: 1 },
    status,
  }));
}

/** Says what is found when every write is answered so. */
async function find(name: Name, there: boolean, answer: () => unknown): Promise<string> {
  const live = there ? running(name) : [];
  const written: KubeObject[] = [];
  const context = {
    world: createFakeWorld(),
    providers: [providers[name]],
    preferred: name,
    available: () => [providers[name]],
    cutover: createCutover(createFakeWorld()),
    runtime: { image: undefined },
    platformNamespace: 'tenfold-system',
    settingsVersionOf: () => undefined,
    functionLabels: [],
    podsOf: () => [],
    ownedBy: () => live.map(one => written.find(({ kind }) => kind === one.kind) ?? one),
    resourceOf: (one: KubeObject): ApiResource | undefined =>
      providers[name].resources.find(each => each.kind === one.kind && apiVersionOf(each) === one.apiVersion),
    wrote: (one: KubeObject) => void written.push(one),
    client: {
      async call(method: string, _path: string, { body }: { body: KubeObject }) {
        if (method === 'GET') throw toKubeError('it', 404, {}, undefined);
        const said = answer();
        if (said instanceof Error) throw said;
        if (said === 'otherwise') return { ...otherwise(body), status: live[0]?.['status'] };
        return said === 'taken'
          ? { ...body, metadata: { ...body.metadata, generation: 2 }, status: live[0]?.['status'] }
          : said;
      },
    },
  } as unknown as ReconcileContext;
  try {
    const { workload, error } = await runFunction(context, object, specOf(2), new AbortController().signal);
    const { ready, degraded, stalled } = decideStatus({ inForce: specOf(2), problems: [], waitsFor: [], workload });
    const again = error === undefined ? '' : ', and is tried again';
    const settled = ready.is && !degraded.is && workload && 'observed' in workload && !workload.observed.changing;
    return `${settled ? 'ready' : ready.reason}${stalled ? ', stalled' : ''}${again}`;
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error, String(error));
    return 'tried again';
  }
}

/** As an admission webhook does that takes every image from a mirror. */
function otherwise(body: KubeObject): KubeObject {
  const text = JSON.stringify(body).replaceAll('"acme/menu:2"', '"mirror.test/acme/menu:1"');
  return { ...JSON.parse(text), metadata: { ...body.metadata, generation: 2 } };
}

/** By status of the answer; 0: none came. */
const answers: readonly [status: number, expected: RegExp][] = [
  [0, /^tried again$/],
  [400, /^Refused, stalled, and is tried again$/],
  [401, /^tried again$/],
  [403, /^Refused, stalled, and is tried again$/],
  [404, /^tried again$/],
  [408, /^tried again$/],
  [409, /^tried again$/],
  [410, /^tried again$/],
  [413, /^tried again$/],
  [415, /^tried again$/],
  [422, /^Refused, stalled, and is tried again$/],
  [429, /^tried again$/],
  [500, /^tried again$/],
  [502, /^tried again$/],
  [503, /^tried again$/],
  [504, /^tried again$/],
];
const odd: readonly [name: string, answer: unknown][] = [
  ['nothing', undefined],
  ['a text', 'ok'],
  ['an object of nothing', {}],
  ['a list', []],
];

for (const name of ['deployment', 'knative'] as const) {
  for (const there of [true, false]) {
    describe(`A change of a Function by ${name}, ${there ? 'of which a version runs' : 'of which nothing runs'},`, () => {
      for (const [status, expected] of answers) {
        it(`that is answered with ${status || 'nothing at all'} is not taken for made`, async () => {
          const answer = () =>
            status === 0 ? unreachable('it', new Error('reset')) : toKubeError('it', status, {}, undefined);
          assert.match(await find(name, there, answer), expected);
        });
      }

      for (const [what, answer] of odd) {
        it(`that is answered with 200 and ${what} is not taken for made`, async () => {
          assert.match(await find(name, there, () => answer), /^(ProviderUnavailable|tried again)/);
        });
      }

      it('that is answered with another object than was asked for is not taken for made', async () => {
        assert.match(await find(name, there, () => 'otherwise'), /^Refused, stalled$/);
      });

      it('that is answered with the changed object comes up', async () => {
        assert.match(await find(name, there, () => 'taken'), there ? /^Available$/ : /^Starting$/);
      });
    });
  }
}
