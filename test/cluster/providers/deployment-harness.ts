// Deployments, as the contract of providers sees them; the test is the controller that reports how
// they do, and the autoscaler that keeps their bounds.
import { read, readList, readNumber, readText } from '../../../k8s/api/kube-object.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import type { Harness } from './harness.ts';
import { isRestricted, textOf, variablesOf } from './pods.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const AUTOSCALERS = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
const POLICIES = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';

export function deploymentHarness(plane: ControlPlane): Harness {
  const get = async (path: string) => {
    const { status, body } = await plane.client.request('GET', path);
    return status === 200 ? body : undefined;
  };
  return {
    name: 'deployment',
    leaves: [],
    canaries: false,
    url: name => `http://fn-${name}.default.svc`,
    async see(name) {
      const deployment = await get(`${DEPLOYMENTS}/fn-${name}`);
      if (deployment === undefined) return undefined;
      const autoscaler = await get(`${AUTOSCALERS}/fn-${name}`);
      const policy = await get(`${POLICIES}/fn-${name}`);
      const pod = read(deployment, 'spec', 'template', 'spec');
      const container = readList(pod, 'containers')[0];
      const replicas = readNumber(deployment, 'spec', 'replicas') ?? 0;
      return {
        image: textOf(container, 'image'),
        least: readNumber(autoscaler, 'spec', 'minReplicas') ?? replicas,
        most: readNumber(autoscaler, 'spec', 'maxReplicas') ?? replicas,
        variables: variablesOf(container),
        memory: {
          request: textOf(container, 'resources', 'requests', 'memory'),
          limit: textOf(container, 'resources', 'limits', 'memory'),
        },
        // All that a pod is given to end its calls, without what it takes
        // to be taken out of service.
        timeoutSeconds: (readNumber(pod, 'terminationGracePeriodSeconds') ?? 0) - 10,
        readOnlyRoot: read(container, 'securityContext', 'readOnlyRootFilesystem') === true,
        restricted: isRestricted(pod, container),
        serviceLinks: read(pod, 'enableServiceLinks') !== false,
        accountToken: read(pod, 'automountServiceAccountToken') !== false,
        probes: ['startupProbe', 'readinessProbe', 'livenessProbe'].every(
          probe => read(container, probe) !== undefined,
        ),
        spread: readList(pod, 'topologySpreadConstraints').length === 2,
        inside: readText(await get(`/api/v1/namespaces/default/services/fn-${name}`), 'spec', 'type') === 'ClusterIP',
        egress: JSON.stringify(read(policy, 'spec', 'egress') ?? []).includes('169.254.0.0/16'),
      };
    },
    async report(name, state) {
      const path = `${DEPLOYMENTS}/fn-${name}`;
      const isStopped = async () => (await get(path)).spec.replicas === 0;
      if (state === 'stopped') await eventually(isStopped, 'it is to have none');
      const least = readNumber(await get(`${AUTOSCALERS}/fn-${name}`), 'spec', 'minReplicas') ?? 0;
      if ((await get(path)).spec.replicas < least)
        await plane.client.request('PATCH', path, { spec: { replicas: least } }, 'application/merge-patch+json');
      const { metadata, spec } = await get(path);
      const wanted = spec.replicas ?? 1;
      const available = { starting: 0, ready: wanted, partly: wanted - 1, stopped: 0, behind: wanted - 1, stuck: 0 }[
        state
      ];
      const isLate = state === 'stuck' || state === 'behind';
      const reason = isLate ? 'ProgressDeadlineExceeded' : 'NewReplicaSetAvailable';
      const status = {
        observedGeneration: metadata.generation,
        replicas: wanted,
        updatedReplicas: wanted,
        availableReplicas: available,
        readyReplicas: available,
        conditions: [{ type: 'Progressing', status: isLate ? 'False' : 'True', reason, message: '' }],
      };
      await plane.client.request('PATCH', `${path}/status`, { status }, 'application/merge-patch+json');
    },
    async settle() {},
  };
}
