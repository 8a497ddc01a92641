// The steps of a cold start: when each part of the cluster did its share, by
// watches of the API server.
import { realWorld } from '../../../core/world.ts';
import { startInformer } from '../../../k8s/api/informer.ts';
import { createKubeClient } from '../../../k8s/api/kube-client.ts';
import { type ApiResource, type KubeObject, readNumber, readText } from '../../../k8s/api/kube-object.ts';
import { createOutages } from '../../../k8s/api/outages.ts';
import { apiResourceOf } from '../../../k8s/api/tenfold-kinds.ts';
import { conditionOf } from '../../../k8s/operator/status/status.ts';
import { DEPLOYMENTS } from '../../../k8s/providers/deployment/objects.ts';
import type { Node } from '../../../test/cluster/node/node.ts';

const PODS: ApiResource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod' };
const isReady = (object: KubeObject) => conditionOf(object, 'Ready')?.status === 'True';

interface Mark {
  readonly resource: ApiResource;
  readonly holds: (object: KubeObject) => boolean;
}

const marks: Readonly<Record<string, Mark>> = {
  'the gateway has told of the call': {
    resource: apiResourceOf('Function'),
    holds: object => {
      const calledAt = readText(object, 'status', 'calledAt');
      return calledAt !== undefined && calledAt !== readText(object, 'status', 'asleepAfter');
    },
  },
  'the operator has scaled the Deployment': {
    resource: DEPLOYMENTS,
    holds: object => readNumber(object, 'spec', 'replicas') === 1,
  },
  'there is a pod': { resource: PODS, holds: () => true },
  'the pod has an address': { resource: PODS, holds: object => readText(object, 'status', 'podIP') !== undefined },
  'Kubernetes says that the pod is ready': { resource: PODS, holds: isReady },
  'the operator says that the Function is up': {
    resource: apiResourceOf('Function'),
    // One that sleeps or wakes is ready as well: its callers get an answer.
    holds: object => conditionOf(object, 'Ready')?.reason === 'Available',
  },
};

/**
 * Milliseconds from the beginning of `call` to each of these, in their order, and to its end;
 * infinite for what was not seen before that. Call it while the Function `name` sleeps.
 */
export async function watchColdStart(
  node: Node,
  namespace: string,
  name: string,
  call: () => Promise<void>,
): Promise<ReadonlyMap<string, number>> {
  const access = { server: node.url, ca: node.ca, namespace, token: async () => node.token };
  const client = createKubeClient(access, 'tenfold-bench');
  const found = new Map<string, number>();
  let began: number | undefined;
  const informers = [apiResourceOf('Function'), DEPLOYMENTS, PODS].map(resource =>
    startInformer({
      client,
      world: realWorld,
      outages: createOutages(() => {}),
      namespace,
      resource,
      events: {
        upsert(object) {
          const isOne =
            [name, `fn-${name}`].includes(object.metadata.name) || object.metadata.name.startsWith(`fn-${name}-`);
          if (began === undefined || !isOne) return;
          for (const [what, mark] of Object.entries(marks))
            if (mark.resource.kind === resource.kind && !found.has(what) && mark.holds(object))
              found.set(what, performance.now() - began);
        },
        remove() {},
      },
    }),
  );
  try {
    await Promise.all(informers.map(({ synced }) => synced));
    began = performance.now();
    await call();
    const answered = performance.now() - began;
    const steps = Object.keys(marks).map(what => [what, found.get(what) ?? Number.POSITIVE_INFINITY] as const);
    return new Map([...steps, ['the answer is there', answered]]);
  } finally {
    await Promise.all(informers.map(informer => informer.close()));
    await client.close();
  }
}
