// Listeners of teams in a cluster: each has a Service, a port of the pods and a rule of the network
// of its own, and `helm test` goes where its namespace is served.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../server/config/load.ts';
import { type Manifest, only, PLATFORM, render } from './helm.ts';
import { distributed, everything } from './samples.ts';
import { pod } from './toggle.ts';

const [BILLING] = everything.listeners;
const green = { name: 'green', port: 8443, namespaces: ['green'] };
const load = (text: string, role: 'gateway' | 'worker' | 'operator') => {
  const folder = mkdtempSync(join(tmpdir(), 'tenfold-listeners-'));
  try {
    const file = join(folder, 'tenfold.yaml');
    writeFileSync(file, text);
    return loadConfig({ role, file, env: {}, cwd: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
};
const urlOf = (found: readonly Manifest[]) => only(found, 'Pod', 'tenfold-test')['spec'].containers[0].env[0].value;

describe('listeners of the chart', () => {
  it('have a Service, a port and a rule for who reaches them, of their own', async () => {
    const found = await render({ ...distributed, listeners: everything.listeners });
    const { spec, metadata } = only(found, 'Service', 'tenfold-billing');
    assert.deepEqual(metadata.annotations, { 'example.com/team': 'billing' });
    assert.partialDeepStrictEqual(spec, {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      loadBalancerSourceRanges: ['10.0.0.0/8'],
      ports: [{ name: 'billing', port: 8443, targetPort: 'billing', appProtocol: 'https', nodePort: 30443 }],
    });
    assert.deepEqual(spec.selector, only(found, 'Service', 'tenfold')['spec'].selector);
    const { containers, volumes } = pod(found, 'tenfold-gateway');
    assert.deepEqual(
      containers[0].ports.map(({ name, containerPort }: Manifest) => [name, containerPort]),
      [
        ['public', 8080],
        ['billing', 8443],
        ['internal', 8081],
        ['admin', 9090],
      ],
    );
    assert.match(JSON.stringify(volumes), /"billing-tls".*"listener-billing\.key"/);
    const rules: Manifest[] = only(found, 'NetworkPolicy', 'tenfold-gateway')['spec'].ingress;
    const rule = rules.find(({ ports }) => ports[0].port === 'billing');
    assert.deepEqual(rule?.from[0], { ipBlock: { cidr: '10.0.0.0/8' } });
    assert.equal(rules.find(({ ports }) => ports[0].port === 'public')?.from, undefined);
  });

  it('bring nothing to pods that do not listen, and no key to the operator', async () => {
    const found = await render({ ...distributed, listeners: everything.listeners });
    for (const name of ['tenfold-worker', 'tenfold-operator'])
      assert.ok(!pod(found, name).containers[0].ports.some(({ name: port }: Manifest) => port === 'billing'), name);
    assert.doesNotMatch(JSON.stringify(pod(found, 'tenfold-operator')), /billing-tls/);
  });

  it('let in whoever reaches the public port, where it is not said who reaches them', async () => {
    const peer = { ipBlock: { cidr: '10.9.0.0/16' } };
    const found = await render({ listeners: [green], networkPolicy: { publicFrom: [peer] } });
    const rules: Manifest[] = only(found, 'NetworkPolicy', 'tenfold')['spec'].ingress;
    const fromOf = (port: string) => rules.find(({ ports }) => ports[0].port === port)?.from;
    assert.deepEqual(fromOf('green')[0], peer);
    assert.deepEqual(fromOf('green'), fromOf('public'));
  });

  it('are what the configuration of each process takes, with those of the operator', async () => {
    const { data } = only(
      await render({ ...everything, publicNamespaces: ['shop', PLATFORM] }),
      'ConfigMap',
      'tenfold',
    );
    for (const [file, role] of [
      ['tenfold.yaml', 'gateway'],
      ['tenfold.yaml', 'worker'],
      ['operator.yaml', 'operator'],
    ] as const) {
      const { given, problems } = load(data[file], role);
      // Files of Secrets are not there.
      assert.deepEqual(
        problems.filter(({ path }) => /listeners|public/.test(path)),
        [],
        file,
      );
      assert.partialDeepStrictEqual(given, {
        public: { namespaces: ['shop', PLATFORM] },
        listeners: [{ name: 'billing', port: 8443, namespaces: BILLING?.namespaces, hosts: BILLING?.hosts }],
      });
    }
  });

  it('lead helm test to one that serves its namespace', async () => {
    const at = (service: string, port: number) => `://${service}.${PLATFORM}.svc:${port}/tenfold-test/`;
    assert.ok(urlOf(await render()).startsWith(`http${at('tenfold', 80)}`));
    const own = { ...green, namespaces: [PLATFORM], tls: { secretName: 'ours' } };
    assert.ok(urlOf(await render({ listeners: [green] })).startsWith(`http${at('tenfold', 80)}`));
    assert.ok(urlOf(await render({ listeners: [own] })).startsWith(`https${at('tenfold-green', 443)}`));
    const both = { listeners: [own], publicNamespaces: [PLATFORM], publicTls: { secretName: 'ours' } };
    assert.ok(urlOf(await render(both)).startsWith(`https${at('tenfold', 80)}`));
    const other = { listeners: [{ ...own, service: { port: 81 } }], publicNamespaces: ['shop'] };
    assert.ok(urlOf(await render(other)).startsWith(`https${at('tenfold-green', 81)}`));
  });
});
