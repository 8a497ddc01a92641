// What is made of a Function whose objects are there, but followed no more: somebody took the label
// away by which the operator finds them.
import assert from 'node:assert/strict';
import { KubeError } from '../../../../k8s/api/kube-error.ts';
import {
  type ApiResource,
  apiVersionOf,
  type KubeObject,
  objectPath,
  readList,
} from '../../../../k8s/api/kube-object.ts';
import { createCutover } from '../../../../k8s/operator/function/cutover.ts';
import { runFunction } from '../../../../k8s/operator/function/run-function.ts';
import type { ReconcileContext } from '../../../../k8s/operator/reconcile/reconcile-context.ts';
import { createOwnWrites } from '../../../../k8s/operator/watch/own-writes.ts';
import { NETWORK_POLICIES } from '../../../../k8s/providers/deployment/objects.ts';
import { KNATIVE_SERVICES } from '../../../../k8s/providers/knative/names.ts';
import { knativeProvider } from '../../../../k8s/providers/knative/provider.ts';
import { API_VERSION } from '../../../../resources/kinds/index.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import { functionOf } from '../../function-of.ts';

const RESOURCES = [KNATIVE_SERVICES, NETWORK_POLICIES];
const SERVICE = objectPath(KNATIVE_SERVICES, 'default', 'kn-menu');
const fn = functionOf({ image: 'acme/menu:2', provider: 'knative', canary: { percent: 10 } });
const object: KubeObject = {
  apiVersion: API_VERSION,
  kind: 'Function',
  metadata: { name: 'menu', namespace: 'default', uid: 'u', generation: 1 },
};
const traffic = [
  { tag: 'stable', revisionName: 'kn-menu-00001', percent: 90 },
  { tag: 'canary', latestRevision: true, percent: 10 },
];

/** Where a Knative Service of `owner` is, without the label, and what the operator applies. */
function start(owner: string) {
  const unlabelled: KubeObject = {
    apiVersion: apiVersionOf(KNATIVE_SERVICES),
    kind: KNATIVE_SERVICES.kind,
    metadata: {
      name: 'kn-menu',
      namespace: 'default',
      resourceVersion: '7',
      ownerReferences: [{ apiVersion: API_VERSION, kind: 'Function', name: 'menu', uid: owner }],
    },
    spec: { traffic },
    status: { latestReadyRevisionName: 'kn-menu-00002' },
  };
  const applied = new Map<string, KubeObject>();
  const { wrote, unheard } = createOwnWrites(createFakeWorld());
  const context = {
    world: createFakeWorld(),
    providers: [knativeProvider],
    preferred: undefined,
    available: () => [knativeProvider],
    cutover: createCutover(createFakeWorld()),
    runtime: { image: undefined },
    platformNamespace: 'tenfold-system',
    settingsVersionOf: () => undefined,
    functionLabels: [],
    podsOf: () => [],
    ownedBy: (namespace: string) => unheard(namespace),
    resourceOf: ({ kind }: KubeObject): ApiResource | undefined => RESOURCES.find(one => one.kind === kind),
    wrote,
    client: {
      async call(method: string, path: string, options: { body: KubeObject }) {
        if (method === 'PATCH') applied.set(path, options.body);
        else if (path !== SERVICE) throw new KubeError('not-found', 'There is none.', 404, {});
        return method === 'PATCH' ? options.body : unlabelled;
      },
    },
  } as unknown as ReconcileContext;
  return { applied, run: () => runFunction(context, object, fn, new AbortController().signal) };
}

describe('An object of a Function that has lost the label by which it is followed', () => {
  it('gets it back as what it is: a canary stays one, with its part of the calls', async () => {
    const { applied, run } = start('u');
    await run();
    assert.equal(applied.get(SERVICE)?.metadata.labels?.['app.kubernetes.io/managed-by'], 'tenfold-operator');
    assert.deepEqual(readList(applied.get(SERVICE), 'spec', 'traffic'), traffic);
  });

  it('is left alone where it is of somebody else, with all else that would have been made', async () => {
    const { applied, run } = start('another');
    const { workload } = await run();
    assert.equal(workload && 'impossible' in workload && workload.impossible.reason, 'NameTaken');
    assert.deepEqual([...applied.keys()], []);
  });
});
