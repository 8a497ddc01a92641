// Knative Services, as the contract of providers sees them; the test is the controller
// that reports how they do.
import assert from 'node:assert/strict';
import { read, readList, readNumber } from '../../../k8s/api/kube-object.ts';
import type { ControlPlane } from '../control-plane.ts';
import { message } from '../installed-crds.ts';
import type { Harness } from './harness.ts';
import { isRestricted, textOf, variablesOf } from './pods.ts';

const KNATIVE = '/apis/serving.knative.dev/v1/namespaces/default';
const POLICIES = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';

export function knativeHarness(plane: ControlPlane): Harness {
  const get = async (path: string) => {
    const { status, body } = await plane.client.request('GET', path);
    return status === 200 ? body : undefined;
  };
  return {
    name: 'knative',
    // A feature that is off as Knative is installed.
    leaves: ['spread'],
    canaries: true,
    url: name => `http://kn-${name}.default.svc`,
    async see(name) {
      const service = await get(`${KNATIVE}/services/kn-${name}`);
      if (service === undefined) return undefined;
      const policy = await get(`${POLICIES}/kn-${name}`);
      const template = read(service, 'spec', 'template');
      const pod = read(template, 'spec');
      const container = readList(pod, 'containers')[0];
      const scale = (what: string) =>
        Number(read(template, 'metadata', 'annotations', `autoscaling.knative.dev/${what}-scale`));
      return {
        image: textOf(container, 'image'),
        canary: readNumber(
          readList(service, 'spec', 'traffic').find(one => textOf(one, 'tag') === 'canary'),
          'percent',
        ),
        least: scale('min'),
        most: scale('max'),
        variables: variablesOf(container),
        memory: {
          request: textOf(container, 'resources', 'requests', 'memory'),
          limit: textOf(container, 'resources', 'limits', 'memory'),
        },
        timeoutSeconds: readNumber(pod, 'timeoutSeconds') ?? 0,
        readOnlyRoot: read(container, 'securityContext', 'readOnlyRootFilesystem') === true,
        restricted: isRestricted(pod, container),
        serviceLinks: read(pod, 'enableServiceLinks') !== false,
        accountToken: read(pod, 'automountServiceAccountToken') !== false,
        // Whether it is ready Knative asks by itself.
        probes: read(container, 'livenessProbe') !== undefined,
        spread: readList(pod, 'topologySpreadConstraints').length > 0 ? true : undefined,
        inside: service.metadata.labels['networking.knative.dev/visibility'] === 'cluster-local',
        egress: JSON.stringify(read(policy, 'spec', 'egress') ?? []).includes('169.254.0.0/16'),
      };
    },
    async report(name, state) {
      // It goes altogether.
      if (state === 'stopped') return;
      const path = `${KNATIVE}/services/kn-${name}`;
      const { metadata, spec } = await get(path);
      const least = Number(spec.template.metadata.annotations['autoscaling.knative.dev/min-scale']);
      const newest = `kn-${name}-0000${metadata.generation}`;
      const before = `kn-${name}-00000`;
      const [ready, serving] = {
        starting: ['Unknown', null],
        ready: ['True', newest],
        partly: ['Unknown', before],
        behind: ['False', before],
        stuck: ['False', null],
      }[state] as [string, string | null];
      const status = {
        observedGeneration: metadata.generation,
        latestCreatedRevisionName: newest,
        latestReadyRevisionName: serving,
        traffic: (spec.traffic ?? [{ latestRevision: true, percent: 100 }]).map((target: object) => ({
          ...(serving === null ? {} : { revisionName: serving }),
          ...target,
          ...('tag' in target ? { url: `http://${target.tag}-kn-${name}.default.svc` } : {}),
        })),
        conditions: [{ type: 'Ready', status: ready, reason: 'Tested', message: 'said by the test' }],
      };
      const answer = await plane.client.request('PATCH', `${path}/status`, { status }, 'application/merge-patch+json');
      assert.equal(answer.status, 200, message(answer));
      await reportRevision(newest, spec.template, state === 'ready' ? least : 0);
    },
    async settle() {},
  };

  /** As Knative makes it of the template, labels included. */
  async function reportRevision(name: string, { metadata, spec }: { metadata: object; spec: object }, running: number) {
    const path = `${KNATIVE}/revisions/${name}`;
    const revision = { apiVersion: 'serving.knative.dev/v1', kind: 'Revision', metadata: { ...metadata, name }, spec };
    const answer = await plane.client.apply(path, revision);
    assert.ok(answer.status < 300, message(answer));
    const status = { actualReplicas: running, desiredReplicas: running };
    await plane.client.request('PATCH', `${path}/status`, { status }, 'application/merge-patch+json');
  }
}
