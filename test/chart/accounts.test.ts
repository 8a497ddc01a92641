// Who may do what: the rights of each ServiceAccount, compared with a table, in every mode and for
// every answer to `namespaces`; and what pods that strangers reach have.
import assert from 'node:assert/strict';
import { type Manifest, only, PLATFORM, render } from './helm.ts';
import { distributed, everything } from './samples.ts';

const READ = ['get', 'list', 'watch'];
/** Whose a token is, and what its owner may do: for all of the cluster, and nothing is written. */
const REVIEWS = ['create authentication.k8s.io/tokenreviews', 'create authorization.k8s.io/subjectaccessreviews'];
const TEN = [
  ...['aggregates', 'apis', 'fanouts', 'functions', 'pipelines'],
  ...['queues', 'stranglers', 'subscriptions', 'topics', 'views'],
].map(plural => `tenfold.dev/${plural}`);
const may = (verbs: readonly string[], ...resources: readonly string[]) =>
  resources.flatMap(resource => verbs.map(verb => `${verb} ${resource}`));

interface Rights {
  /** Where objects are followed. */
  readonly followed: readonly string[];
  /** In the platform's own namespace. */
  readonly platform: readonly string[];
}

const gateway: Rights = {
  followed: [
    ...may(['list', 'watch'], ...TEN),
    ...may(['patch'], 'tenfold.dev/functions/status'),
    ...may(['watch'], 'discovery.k8s.io/endpointslices'),
  ],
  platform: may(['create', 'patch'], 'coordination.k8s.io/leases'),
};
const worker: Rights = {
  followed: [
    ...gateway.followed,
    ...['fanouts', 'pipelines', 'queues', 'subscriptions', 'views'].map(one => `patch tenfold.dev/${one}/status`),
  ],
  platform: gateway.platform,
};
const operator: Rights = {
  followed: [
    ...may(['list', 'watch'], ...TEN),
    ...may(['patch'], ...TEN.map(plural => `${plural}/status`), 'tenfold.dev/functions', 'tenfold.dev/topics'),
    ...may(
      [...READ, 'create', 'patch', 'delete'],
      ...['apps/deployments', '/services', 'autoscaling/horizontalpodautoscalers', 'policy/poddisruptionbudgets'],
      ...['networking.k8s.io/networkpolicies', 'serving.knative.dev/services'],
    ),
    ...may(['list', 'watch'], 'serving.knative.dev/revisions', '/pods'),
    ...may(['create'], 'events.k8s.io/events'),
  ],
  platform: [
    ...may(['get', 'update'], 'coordination.k8s.io/leases[tenfold-operator]'),
    ...may(['create', 'list', 'watch'], 'coordination.k8s.io/leases'),
  ],
};

/**
 * All that whoever takes the place of a pod with a public port may write: that Functions are
 * called, how far consumers are, a Lease.
 */
const WRITES = new Set(
  [...worker.followed, ...worker.platform, ...REVIEWS].filter(right => !READ.includes(verbOf(right))),
);

const modes: Readonly<
  Record<
    string,
    {
      readonly values: { readonly auth?: { readonly kubernetes?: boolean }; readonly [more: string]: unknown };
      readonly accounts: Readonly<Record<string, Rights>>;
    }
  >
> = {
  standalone: { values: {}, accounts: { tenfold: worker, 'tenfold-operator': operator } },
  'standalone, all switched on': {
    values: { ...everything, mode: 'standalone', operator: { ...everything.operator, restartNamespaces: [] } },
    accounts: { tenfold: worker, 'tenfold-operator': operator },
  },
  'standalone, with accounts of others': {
    values: { serviceAccount: { create: false, name: 'serves', operatorName: 'operates' } },
    accounts: { serves: worker, operates: operator },
  },
  distributed: {
    values: distributed,
    accounts: { 'tenfold-gateway': gateway, 'tenfold-worker': worker, 'tenfold-operator': operator },
  },
  'distributed, with accounts of others': {
    values: { ...distributed, serviceAccount: { create: false, name: 'serves', operatorName: 'operates' } },
    accounts: { serves: worker, operates: operator },
  },
};
const answers: Readonly<Record<string, 'all' | readonly string[]>> = {
  all: 'all',
  'two namespaces': ['shop', 'billing'],
  'the platform’s own among them': ['shop', 'billing', PLATFORM],
};

describe('ServiceAccounts of the chart', () => {
  for (const [mode, { values, accounts }] of Object.entries(modes)) {
    for (const [answer, namespaces] of Object.entries(answers)) {
      it(`have the rights of the table and no other, and strangers reach none that writes more: ${mode}, ${answer}`, async () => {
        const manifests = await render({ ...values, namespaces });
        const reviews = values.auth?.kubernetes ?? true;
        const granted = rightsIn(manifests);
        assert.deepEqual([...granted.keys()].sort(), Object.keys(accounts).sort());
        for (const [account, { followed, platform }] of Object.entries(accounts)) {
          const wanted = new Map((namespaces === 'all' ? ['*'] : namespaces).map(one => [one, new Set(followed)]));
          const everywhere = [
            ...(wanted.get('*') ?? []),
            ...(reviews && account !== operatorOf(accounts) ? REVIEWS : []),
          ];
          if (everywhere.length > 0) wanted.set('*', new Set(everywhere));
          wanted.set(PLATFORM, new Set([...(wanted.get(PLATFORM) ?? []), ...platform]));
          assert.deepEqual(granted.get(account), wanted, account);
        }
        const reached = podsReachedIn(manifests);
        assert.notEqual(reached.length, 0);
        for (const { serviceAccountName } of reached) {
          const rights = [...(granted.get(serviceAccountName)?.values() ?? [])].flatMap(each => [...each]);
          const beyond = rights.filter(right => !READ.includes(verbOf(right)) && !WRITES.has(right));
          assert.deepEqual(beyond, [], serviceAccountName);
        }
        for (const { kind, spec } of manifests) {
          if (kind !== 'Deployment') continue;
          const { serviceAccountName } = spec.template.spec;
          assert.ok(serviceAccountName in accounts, `${serviceAccountName} is no account of the table`);
        }
      });
    }
  }

  it('are not shared by the operator and pods that serve', async () => {
    const shared = { serviceAccount: { create: false, name: 'ours', operatorName: 'ours' } };
    await assert.rejects(render(shared), /give the operator an account of its own/);
    const one = { serviceAccount: { create: false, name: 'ours' } };
    await assert.rejects(render(one), /serviceAccount\.operatorName has to name one that is there/);
  });
});

describe('Two installations, one for each team', () => {
  it('share no object and no account, and neither has a right where the other’s objects are', async () => {
    const team = (name: string, crds: boolean) =>
      render({ namespaces: [name], crds: { enabled: crds } }, ['--namespace', `tenfold-${name}`]);
    const [shop, billing] = [await team('shop', true), await team('billing', false)];
    const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
    const ofShop = new Set(shop.map(nameOf));
    assert.deepEqual(
      billing.map(nameOf).filter(name => ofShop.has(name)),
      [],
    );
    for (const [own, manifests] of Object.entries({ shop, billing })) {
      const places = [`tenfold-${own}`, own];
      for (const { kind, metadata, subjects } of manifests) {
        if (!kind.endsWith('RoleBinding') || metadata.name.endsWith('-callers')) continue;
        assert.ok(places.includes(metadata.namespace ?? ''), `${kind} ${metadata.name} in ${metadata.namespace}`);
        assert.equal(subjects[0].namespace, `tenfold-${own}`);
      }
      const forAll = manifests.filter(({ kind }) => /^ClusterRole/.test(kind)).map(({ metadata }) => metadata.name);
      assert.ok(
        forAll.every(name => /^tenfold-[a-z]+-tenfold-(callers|view|edit|admin)$/.test(name)),
        String(forAll),
      );
    }
  });
});

describe('Secrets of the chart', () => {
  for (const mode of ['standalone', 'distributed']) {
    it(`are mounted by those alone who need them: ${mode}`, async () => {
      const manifests = await render({ ...everything, mode });
      const filesOf = (name: string): string[] => {
        const { volumes } = only(manifests, 'Deployment', name)['spec'].template.spec;
        const { projected } = volumes.find((volume: { name: string }) => volume.name === 'secrets');
        return projected.sources.flatMap(({ secret }: { secret: { items: { path: string }[] } }) =>
          secret.items.map(({ path }) => path),
        );
      };
      const kafka = ['kafka-password', 'kafka-ca', 'kafka-cert', 'kafka-key'];
      assert.deepEqual(filesOf('tenfold-operator'), ['internal-secret', ...kafka, 'openfaas-password']);
      for (const name of mode === 'standalone' ? ['tenfold'] : ['tenfold-gateway', 'tenfold-worker'])
        assert.ok(!filesOf(name).includes('openfaas-password'), name);
    });
  }

  it('are none of the operator’s where nothing of it needs one', async () => {
    const { volumes } = only(await render(), 'Deployment', 'tenfold-operator')['spec'].template.spec;
    assert.ok(!JSON.stringify(volumes).includes('secret'), JSON.stringify(volumes));
  });
});

/** The account whose rights are the operator's. */
function operatorOf(accounts: Readonly<Record<string, Rights>>): string | undefined {
  return Object.keys(accounts).find(account => accounts[account] === operator);
}

function verbOf(right: string): string {
  return right.split(' ')[0] ?? '';
}

type Granted = Map<string, Map<string, Set<string>>>;

/** By account, and by namespace: `*` for all of the cluster. */
function rightsIn(manifests: readonly Manifest[]): Granted {
  const granted: Granted = new Map();
  for (const { kind, metadata, roleRef, subjects } of manifests) {
    if (!kind.endsWith('RoleBinding')) continue;
    const { namespace = '*' } = metadata;
    const role = manifests.find(
      one =>
        one.kind === roleRef.kind &&
        one.metadata.name === roleRef.name &&
        (one.kind === 'ClusterRole' || one.metadata.namespace === namespace),
    );
    assert.ok(role, `${kind} ${metadata.name} is of a role that is not there`);
    for (const subject of subjects) {
      assert.deepEqual([subject.kind, subject.namespace], ['ServiceAccount', PLATFORM]);
      const places = granted.get(subject.name) ?? new Map<string, Set<string>>();
      granted.set(subject.name, places);
      places.set(namespace, new Set([...(places.get(namespace) ?? []), ...role['rules'].flatMap(toRights)]));
    }
  }
  return granted;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

function toRights({ apiGroups, resources, verbs, resourceNames }: Rule): string[] {
  const names = resourceNames === undefined ? '' : `[${resourceNames.join()}]`;
  return may(verbs, ...apiGroups.flatMap(group => resources.map(one => `${group}/${one}${names}`)));
}

/** Pods behind every Service but that of the metrics, which leads Prometheus to all. */
function podsReachedIn(manifests: readonly Manifest[]): readonly { readonly serviceAccountName: string }[] {
  const services = manifests.filter(
    ({ kind, metadata }) => kind === 'Service' && !/-(metrics|test)$/.test(metadata.name),
  );
  const names = services.map(({ metadata }) => metadata.name);
  // Those of listeners lead where the public one does.
  const others = names.filter(name => name !== 'tenfold-billing').sort();
  assert.deepEqual(others, ['tenfold', 'tenfold-admin', 'tenfold-internal']);
  const templates = manifests.filter(({ kind }) => kind === 'Deployment').map(({ spec }) => spec.template);
  return services.flatMap(({ spec }) =>
    templates
      .filter(({ metadata }) => Object.entries(spec.selector).every(([key, value]) => metadata.labels[key] === value))
      .map(template => template.spec),
  );
}
