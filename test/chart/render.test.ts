// What the chart gives by default and distributed: the objects that there are, and that their
// configuration is one that processes take.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../server/config/load.ts';
import type { Process } from '../../server/config/roles.ts';
import { type Manifest, only, render } from './helm.ts';
import { distributed, everything } from './samples.ts';

const isHook = ({ annotations }: Manifest['metadata']) => annotations?.['helm.sh/hook'] !== undefined;

const namesOf = (manifests: readonly Manifest[]) =>
  manifests
    .filter(({ kind, metadata }) => kind !== 'CustomResourceDefinition' && !isHook(metadata))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .sort();

describe('the chart', () => {
  // The first run on a machine fetches Helm.

  it('is one pod that serves with a volume by default, beside an operator, and needs nothing', async () => {
    const manifests = await render();
    assert.deepEqual(namesOf(manifests), [
      'ClusterRole tenfold-gateway',
      'ClusterRole tenfold-operator',
      ...['admin', 'callers', 'edit', 'view'].map(name => `ClusterRole tenfold-system-tenfold-${name}`),
      'ClusterRole tenfold-worker',
      'ClusterRoleBinding tenfold-gateway',
      'ClusterRoleBinding tenfold-operator',
      'ClusterRoleBinding tenfold-system-tenfold-callers',
      'ClusterRoleBinding tenfold-worker',
      'ConfigMap tenfold',
      'Deployment tenfold',
      'Deployment tenfold-operator',
      'Lease tenfold-operator',
      'NetworkPolicy tenfold',
      'NetworkPolicy tenfold-operator',
      'PersistentVolumeClaim tenfold-data',
      'Role tenfold-gateway-leases',
      'Role tenfold-operator-leases',
      'Role tenfold-worker-leases',
      'RoleBinding tenfold-gateway-leases',
      'RoleBinding tenfold-operator-leases',
      'RoleBinding tenfold-worker-leases',
      'Secret tenfold-auth',
      'Service tenfold',
      'Service tenfold-admin',
      'Service tenfold-internal',
      'Service tenfold-metrics',
      'ServiceAccount tenfold',
      'ServiceAccount tenfold-operator',
      'ValidatingAdmissionPolicy tenfold-system-tenfold-leases',
      'ValidatingAdmissionPolicy tenfold-system-tenfold-operator',
      'ValidatingAdmissionPolicy tenfold-system-tenfold-operator-accounts',
      'ValidatingAdmissionPolicyBinding tenfold-system-tenfold-leases',
      'ValidatingAdmissionPolicyBinding tenfold-system-tenfold-operator',
      'ValidatingAdmissionPolicyBinding tenfold-system-tenfold-operator-accounts',
    ]);
    const { spec } = only(manifests, 'Deployment', 'tenfold');
    assert.equal(spec.replicas, 1);
    assert.deepEqual(spec.strategy, { type: 'Recreate' });
    const [container] = spec.template.spec.containers;
    assert.deepEqual(container.args, ['serve', '--cluster']);
    const operator = only(manifests, 'Deployment', 'tenfold-operator').spec;
    assert.deepEqual([operator.replicas, operator.template.spec.containers[0].args], [1, ['operator']]);
    const data = spec.template.spec.volumes.find(({ name }: { name: string }) => name === 'data');
    assert.deepEqual(data, { name: 'data', persistentVolumeClaim: { claimName: 'tenfold-data' } });
  });

  it('has operator, gateways and workers as Deployments of their own when it is distributed', async () => {
    const manifests = await render(distributed);
    const deployments = manifests.filter(({ kind }) => kind === 'Deployment');
    assert.deepEqual(
      deployments.map(({ metadata, spec }) => [metadata.name, spec.replicas, spec.template.spec.containers[0].args]),
      [
        ['tenfold-gateway', 2, ['gateway', '--cluster']],
        ['tenfold-operator', 2, ['operator']],
        ['tenfold-worker', 2, ['worker', '--cluster']],
      ],
    );
    assert.equal(manifests.filter(({ kind }) => kind === 'PodDisruptionBudget').length, 3);
    assert.equal(manifests.filter(({ kind }) => kind === 'PersistentVolumeClaim').length, 0);
    for (const service of ['tenfold', 'tenfold-internal', 'tenfold-admin']) {
      assert.equal(only(manifests, 'Service', service).spec.selector['app.kubernetes.io/component'], 'gateway');
    }
  });

  const configurations: readonly [what: string, role: Process, deployment: string, values: object][] = [
    ['by default', 'serve', 'tenfold', {}],
    ['for an operator by default', 'operator', 'tenfold-operator', {}],
    ['for an operator with everything', 'operator', 'tenfold-operator', everything],
    ['for a gateway over Kafka and Redis', 'gateway', 'tenfold-gateway', distributed],
    ['for a worker over Kafka and Redis', 'worker', 'tenfold-worker', distributed],
    ['for a gateway with everything', 'gateway', 'tenfold-gateway', everything],
    ['for a worker with everything', 'worker', 'tenfold-worker', everything],
  ];
  for (const [what, role, deployment, values] of configurations) {
    it(`writes a configuration that is taken: ${what}`, async () => {
      const manifests = await render(values);
      const problems = await problemsOf(role, deployment, manifests);
      assert.deepEqual(problems, []);
    });
  }
});

/**
 * What the platform says of the configuration in a pod: every file that it names
 * is one that the pod mounts.
 */
async function problemsOf(role: Process, deployment: string, manifests: readonly Manifest[]): Promise<string[]> {
  const pod = only(manifests, 'Deployment', deployment)['spec'].template.spec;
  const { value: path }: { value: string } = pod.containers[0].env.find(
    ({ name }: { name: string }) => name === 'TENFOLD_CONFIG',
  );
  const config = parse(only(manifests, 'ConfigMap', 'tenfold')['data'][basename(path)]);
  const mounted: { name: string; projected?: { sources: { secret: { items: { path: string }[] } }[] } }[] = pod.volumes;
  const files = mounted
    .find(({ name }) => name === 'secrets')
    ?.projected?.sources.flatMap(({ secret }) => secret.items.map(({ path }) => path));
  const folder = await mkdtemp(join(tmpdir(), 'tenfold-config-'));
  try {
    for (const file of files ?? []) await writeFile(join(folder, file), 'a-secret-that-is-long-enough');
    const text = stringify(config).replaceAll(/\/run\/secrets\/(tenfold|apis)/g, folder);
    await writeFile(join(folder, 'tenfold.yaml'), text);
    const { problems } = loadConfig({ role, file: join(folder, 'tenfold.yaml'), env: {}, cwd: folder });
    return problems.map(({ path, message }) => `${path}: ${message}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
