// Rights: those of k8s/rbac and no others, for all namespaces or for those that are
// listed; no wildcard, no Secret.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { type Manifest, PLATFORM, render } from './helm.ts';
import { distributed, everything } from './samples.ts';

const COMPONENTS = ['gateway', 'operator', 'worker'];
/** They are no component's, and for the whole cluster in every case. */
const OTHERS = ['callers', 'view', 'edit', 'admin'].map(name => `${PLATFORM}-tenfold-${name}`);

/** As they stand in k8s/rbac, which tests of the operator hold against what it asks for. */
function rolesOf(component: string): Manifest[] {
  const file = new URL(`../../k8s/rbac/${component}.yaml`, import.meta.url);
  return parseAllDocuments(readFileSync(file, 'utf8'))
    .map((document): Manifest => document.toJS())
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
}

const roles = (manifests: readonly Manifest[]) => manifests.filter(({ kind }) => /^(Cluster)?Role$/.test(kind));
const ofComponents = (manifests: readonly Manifest[]) =>
  manifests.filter(({ metadata }) => !OTHERS.includes(metadata.name));
const bindings = (manifests: readonly Manifest[]) =>
  ofComponents(manifests).filter(({ kind }) => /RoleBinding$/.test(kind));
const rulesOf = (found: readonly Manifest[]) => found.map(({ rules }) => JSON.stringify(sorted(rules))).sort();
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort()
            .map(([key, inner]) => [key, sorted(inner)]),
        )
      : value;

describe("the chart's rights", () => {
  for (const [what, values] of Object.entries({ 'by default': {}, distributed })) {
    it(`are those of k8s/rbac: ${what}`, async () => {
      const manifests = await render(values);
      assert.deepEqual(rulesOf(roles(ofComponents(manifests))), rulesOf(COMPONENTS.flatMap(rolesOf)));
      assert.deepEqual(
        rulesOf(roles(manifests).filter(({ metadata }) => OTHERS.includes(metadata.name))),
        rulesOf(['callers', 'people'].flatMap(rolesOf)),
      );
    });
  }

  it('go to the account of the component that they are for', async () => {
    for (const { metadata, roleRef, subjects } of bindings(await render(distributed))) {
      const component = /^tenfold-([a-z]+)/.exec(metadata.name)?.[1];
      assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: `tenfold-${component}`, namespace: PLATFORM }]);
      assert.equal(roleRef.name, metadata.name);
    }
  });

  it('go to the one pod that serves by default, but for those of the operator', async () => {
    const accounts = bindings(await render()).map(({ metadata, subjects }) => [metadata.name, subjects[0].name]);
    assert.equal(accounts.length, COMPONENTS.flatMap(rolesOf).length);
    for (const [binding = '', account] of accounts)
      assert.equal(account, binding.startsWith('tenfold-operator') ? 'tenfold-operator' : 'tenfold', binding);
  });

  it('are Roles in the namespaces that are listed, with nothing for the whole cluster but questions about callers', async () => {
    const manifests = await render({ ...distributed, namespaces: ['shop', 'billing'] });
    assert.deepEqual(
      ofComponents(manifests).filter(({ kind }) => /^ClusterRole/.test(kind)),
      [],
    );
    for (const namespace of ['shop', 'billing']) {
      const here = roles(manifests).filter(({ metadata }) => metadata.namespace === namespace);
      const wanted = COMPONENTS.flatMap(rolesOf).filter(({ kind }) => kind === 'ClusterRole');
      assert.deepEqual(rulesOf(here), rulesOf(wanted));
    }
    for (const { spec } of manifests.filter(({ kind }) => kind === 'Deployment')) {
      const args: string[] = spec.template.spec.containers[0].args;
      assert.deepEqual(args.slice(-4), ['--namespace', 'shop', '--namespace', 'billing']);
    }
  });

  for (const namespaces of ['all', ['shop']])
    it(`ask about callers of the admin API, for the accounts that serve it, and do nothing else: ${namespaces}`, async () => {
      const manifests = await render({ ...distributed, namespaces });
      const [role, binding] = manifests.filter(({ metadata }) => metadata.name.endsWith('-callers'));
      assert.deepEqual(
        role?.['rules'].map(({ resources, verbs }: { resources: string[]; verbs: string[] }) => [resources, verbs]),
        [
          [['tokenreviews'], ['create']],
          [['subjectaccessreviews'], ['create']],
        ],
      );
      assert.deepEqual(
        binding?.['subjects'].map(({ name }: { name: string }) => name),
        ['tenfold-gateway', 'tenfold-worker'],
      );
      const bound = manifests.filter(({ kind }) => kind.endsWith('RoleBinding')).map(({ roleRef }) => roleRef.name);
      assert.ok(!bound.some(name => /-(view|edit|admin)$/.test(name)), 'nobody is given a role for people');
    });

  for (const [what, values] of Object.entries({ 'by default': {}, 'with everything': everything })) {
    it(`have no wildcard, and no verb on Secrets of the whole cluster: ${what}`, async () => {
      for (const { kind, metadata, rules } of roles(await render(values))) {
        for (const rule of rules) {
          const words = [...(rule.apiGroups ?? []), ...(rule.resources ?? []), ...(rule.verbs ?? [])];
          assert.ok(!words.some(word => word.includes('*')), `${metadata.name}: ${JSON.stringify(rule)}`);
          assert.ok(kind === 'Role' || !rule.resources?.includes('secrets'), `${metadata.name} has Secrets`);
          const grants = ['escalate', 'bind', 'impersonate'].filter(verb => rule.verbs?.includes(verb));
          assert.deepEqual(grants, [], metadata.name);
        }
      }
    });
  }

  it('reach names of Secrets in the namespaces alone whose Functions are restarted for them', async () => {
    const manifests = await render({ operator: { restartNamespaces: ['billing', 'shop'] } });
    const found = roles(manifests).filter(({ rules }) => JSON.stringify(rules).includes('secrets'));
    assert.deepEqual(
      found.map(({ kind, metadata }) => [kind, metadata.namespace]),
      [
        ['Role', 'billing'],
        ['Role', 'shop'],
      ],
    );
    assert.deepEqual(new Set(rulesOf(found)), new Set(rulesOf(rolesOf('operator-restarts'))));
  });

  const policiesOf = (name: string) => (manifests: readonly Manifest[]) =>
    manifests.filter(
      ({ kind, metadata }) => kind.startsWith('ValidatingAdmissionPolicy') && metadata.name.endsWith(`-${name}`),
    );
  const policyFile = (name: string): Manifest[] =>
    parseAllDocuments(readFileSync(new URL(`../../k8s/rbac/${name}.yaml`, import.meta.url), 'utf8')).map(document =>
      document.toJS(),
    );

  describe('to what the operator writes', () => {
    const policies = policiesOf('operator');
    const accounts = policiesOf('operator-accounts');

    for (const [file, of] of Object.entries({ 'operator-policy': policies, 'operator-accounts': accounts })) {
      it(`are narrowed by the policy of k8s/rbac: ${file}`, async () => {
        const [policy, binding] = of(await render(distributed));
        const [wanted, wantedBinding] = policyFile(file);
        assert.deepEqual(policy?.spec, wanted?.spec);
        assert.deepEqual(binding?.spec, { ...wantedBinding?.spec, policyName: policy?.metadata.name });
      });
    }

    it('are narrowed for the account that the operator has here, and in the namespace of this release', async () => {
      const [policy] = policies(await render({ fullnameOverride: 'shop' }));
      assert.match(policy?.spec.matchConditions[0].expression, /:shop-operator'$/);
      const [accountsOf] = accounts(await render({ fullnameOverride: 'shop' }));
      assert.match(accountsOf?.spec.matchConditions[0].expression, /:shop-operator'$/);
      const [open] = policies(await render({ namespaces: [PLATFORM, 'shop'] }));
      assert.match(open?.spec.validations[0].expression, /startsWith\('kube-'\) && !\(request.namespace in \[\]\)$/);
    });

    const without: readonly [string, object][] = [
      ['where it is turned off', { rbac: { operatorPolicy: false } }],
      [
        'where the account is somebody else',
        { serviceAccount: { create: false, name: 'ours', operatorName: 'other' } },
      ],
    ];
    for (const [what, values] of without) {
      it(`are as the Roles say ${what}`, async () => {
        const manifests = await render(values);
        assert.deepEqual([...policies(manifests), ...accounts(manifests)], []);
      });
    }
  });

  describe('to Leases', () => {
    const policies = policiesOf('leases');

    it('are narrowed for gateways and workers of processes of their own, by the policy of k8s/rbac', async () => {
      const [policy, binding] = policies(await render(distributed));
      const wanted = policyFile('lease-policy');
      const text = (expression: string) => expression.replaceAll(/\s+/g, ' ');
      const [condition, wantedCondition] = [policy, wanted[0]].map(one => one?.spec.matchConditions[0]);
      assert.equal(text(condition.expression), text(wantedCondition.expression));
      assert.deepEqual({ ...policy?.spec, matchConditions: [] }, { ...wanted[0]?.spec, matchConditions: [] });
      assert.deepEqual(binding?.spec, { ...wanted[1]?.spec, policyName: policy?.metadata.name });
    });

    it('are narrowed for the accounts of this release alone', async () => {
      const [policy] = policies(await render({ ...distributed, fullnameOverride: 'shop' }));
      assert.match(policy?.spec.matchConditions[0].expression, /:shop-gateway', '[^']*:shop-worker'\]$/);
      assert.notEqual(policy?.metadata.name, policies(await render(distributed))[0]?.metadata.name);
    });

    it('are narrowed for the one pod that serves, which could be the operator’s otherwise', async () => {
      const [policy] = policies(await render());
      assert.match(policy?.spec.matchConditions[0].expression, /username in \['[^']*:tenfold'\]$/);
    });

    const without: readonly [string, object][] = [
      ['where it is turned off', { ...distributed, rbac: { leasePolicy: false } }],
      ['where rights are left to somebody else', { ...distributed, rbac: { create: false } }],
      ['where the accounts are', { serviceAccount: { create: false, name: 'ours', operatorName: 'other' } }],
    ];
    for (const [what, values] of without) {
      it(`are as the Roles say ${what}`, async () => assert.deepEqual(policies(await render(values)), []));
    }
  });

  it('can be left to somebody else', async () => {
    const values = { rbac: { create: false }, serviceAccount: { create: false, name: 'ours', operatorName: 'other' } };
    const manifests = await render(values);
    assert.deepEqual([...roles(manifests), ...bindings(manifests)], []);
    assert.ok(!manifests.some(({ kind }) => kind === 'ServiceAccount'));
    await assert.rejects(render({ serviceAccount: { create: false } }), /serviceAccount\.name has to name one/);
  });
});
