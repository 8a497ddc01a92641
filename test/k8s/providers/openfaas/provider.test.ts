// The adapter for OpenFaaS against a gateway that answers as the real one was recorded to.
import assert from 'node:assert/strict';
import { listenerSecretOf, openfaasNameOf } from '../../../../k8s/providers/openfaas/names.ts';
import { createOpenFaasProvider, type OpenFaasProvider } from '../../../../k8s/providers/openfaas/provider.ts';
import { NameTakenError, type ProviderContext, ProviderError } from '../../../../k8s/providers/provider.ts';
import { type FakeOpenFaas, type FakeOptions, settle, startFakeOpenFaas } from '../../../fakes/openfaas-gateway.ts';
import { functionOf, owner } from '../deployment/functions.ts';

const IMAGE = { image: 'ghcr.io/acme/menu:1' };
const NAME = openfaasNameOf({ name: 'menu', namespace: 'default' });
const NOW = Date.parse('2026-01-01T00:00:00Z');
const LISTENERS = { url: 'http://internal:8081', audience: 'nobody asks' };

const context = (now = NOW, listeners?: ProviderContext['listeners']): ProviderContext => ({
  owner,
  platformNamespace: 'tenfold-system',
  settingsVersion: undefined,
  pods: [],
  podLabels: {},
  listeners,
  now,
  signal: new AbortController().signal,
  objects: { live: () => [], apply: async () => assert.fail('it makes no objects') },
});

let gateway: FakeOpenFaas;
let provider: OpenFaasProvider;

async function start(options: FakeOptions = {}): Promise<void> {
  gateway = await startFakeOpenFaas(options);
  const { url, username, password } = gateway;
  provider = createOpenFaasProvider({ url, credentials: { username, password }, timeoutMs: 500 });
}

const run = async (spec: object, now?: number) => {
  const outcome = await provider.run(functionOf(spec), context(now));
  if ('observed' in outcome) return outcome.observed.state;
  return 'refused' in outcome ? outcome.refused : outcome.unsupported;
};

const writes = () => gateway.calls.filter(call => !call.startsWith('GET'));

function endGateway(): void {
  afterEach(async () => {
    await provider.close();
    await gateway.close();
  });
}

describe('A Function in OpenFaaS', () => {
  endGateway();

  it('is made once, changed by PUT, and not written while it stays as it is', async () => {
    await start();
    assert.equal(await run(IMAGE), 'starting');
    settle(gateway);
    assert.equal(await run(IMAGE), 'ready');
    await run(IMAGE, NOW + 60_000);
    assert.deepEqual(writes(), ['POST /system/functions']);
    await run({ ...IMAGE, env: [{ name: 'A', value: 'b' }] });
    assert.deepEqual(writes().slice(1), ['PUT /system/functions']);
  });

  it('is put back when somebody changed its image', async () => {
    await start();
    await run(IMAGE);
    const there = gateway.functions.get(NAME);
    assert.ok(there);
    there.deployed.image = 'evil:1';
    await run(IMAGE);
    assert.equal(gateway.functions.get(NAME)?.deployed.image, IMAGE.image);
  });

  it('keeps to five instances in the Community Edition, and to one at least', async () => {
    await start();
    await run({ ...IMAGE, scale: { replicas: 9 } });
    assert.equal(gateway.functions.get(NAME)?.deployed.labels['com.openfaas.scale.max'], '5');
    await run({ ...IMAGE, scale: { min: 0, max: 3 } });
    const labels = gateway.functions.get(NAME)?.deployed.labels;
    assert.equal(labels['com.openfaas.scale.min'], '1');
    assert.equal(labels['com.openfaas.scale.zero'], undefined);
    settle(gateway);
    const before = gateway.calls.length;
    await run({ ...IMAGE, scale: { min: 0, max: 3 } });
    assert.ok(gateway.calls.slice(before).every(call => call.startsWith('GET')) || writes().at(-1)?.includes('scale'));
  });

  it('goes to zero and beyond five in other editions', async () => {
    await start({ community: false });
    await run({ ...IMAGE, scale: { min: 0, max: 30, idle: '2m' } });
    const labels = gateway.functions.get(NAME)?.deployed.labels;
    assert.equal(labels['com.openfaas.scale.zero'], 'true');
    assert.equal(labels['com.openfaas.scale.zero-duration'], '120s');
    assert.equal(labels['com.openfaas.scale.max'], '30');
  });

  for (const community of [true, false]) {
    it(`${community ? 'says that its target changes nothing' : 'takes a target'} in ${community ? 'the Community Edition' : 'other editions'}`, async () => {
      await start({ community });
      const outcome = await provider.run(functionOf({ ...IMAGE, scale: { target: 40 } }), context());
      assert.ok('observed' in outcome);
      assert.equal(/scale\.target changes nothing/.test(outcome.observed.message), community);
      const target = gateway.functions.get(NAME)?.deployed.labels['com.openfaas.scale.target'];
      assert.equal(target, community ? undefined : '40');
    });
  }

  it('is brought to its number of instances when it has others', async () => {
    await start();
    await run({ ...IMAGE, scale: { min: 2, max: 4 } });
    const there = gateway.functions.get(NAME);
    assert.ok(there);
    there.replicas = 1;
    await run({ ...IMAGE, scale: { min: 2, max: 4 } });
    assert.equal(gateway.functions.get(NAME)?.replicas, 2);
  });

  const unsupported: readonly [name: string, spec: object, why: RegExp][] = [
    ['another port', { port: 3000 }, /port 8080.*\$PORT/],
    [
      'a ConfigMap',
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'a', key: 'k' } } }] },
      /ConfigMaps.* A /,
    ],
    [
      'two secrets of one key',
      {
        env: ['a', 'b'].map(name => ({ name, valueFrom: { secretKeyRef: { name, key: 'password' } } })),
      },
      /key "password"/,
    ],
  ];
  for (const [name, spec, why] of unsupported) {
    it(`with ${name} is refused with what to do, before anything is asked`, async () => {
      await start();
      assert.match(await run({ ...IMAGE, ...spec }), why);
      assert.deepEqual(gateway.calls, []);
    });
  }
});

describe('A Function in OpenFaaS, and what it needs there', () => {
  endGateway();

  it('finds Secrets of its own namespace alone, and says where they have to be when they are not', async () => {
    await start({ looksForSecrets: true });
    const theirs = listenerSecretOf({ name: 'till', namespace: 'billing' });
    gateway.secrets.set(theirs, 'billing.key').set('default.database', 'postgres://');
    const withSecret = (name: string) => ({
      ...IMAGE,
      env: [{ name: 'URL', valueFrom: { secretKeyRef: { name, key: 'key' } } }],
    });
    const said = `OpenFaaS refused it: unable to fetch secrets: secrets "default.${theirs}" not found. What Functions of "default" name must be in the namespace of OpenFaaS as "default.NAME"; make it there if it is not: Secret default.${theirs}.`;
    assert.equal(await run(withSecret(theirs)), said);
    assert.equal(gateway.functions.size, 0);
    assert.equal(await run(withSecret('database')), 'starting');
    assert.deepEqual(gateway.functions.get(NAME)?.deployed.secrets, ['default.database']);
  });

  it('is stuck when it has not come up for minutes', async () => {
    await start();
    await run(IMAGE);
    assert.equal(await run(IMAGE, NOW + 4 * 60_000), 'starting');
    assert.equal(await run(IMAGE, NOW + 6 * 60_000), 'stuck');
  });

  it('takes over and removes nothing that is of somebody else', async () => {
    await start();
    await run(IMAGE);
    const other = { ...context(), owner: { ...owner, uid: 'another' } };
    await assert.rejects(provider.run(functionOf(IMAGE), other), NameTakenError);
    await provider.remove({ name: 'menu', namespace: 'default' }, other);
    assert.equal(gateway.functions.get(NAME)?.deleted, false);
  });

  it('is removed, and removing it again is no error', async () => {
    await start();
    await run(IMAGE);
    const name = { name: 'menu', namespace: 'default' };
    await provider.remove(name, context());
    assert.equal(gateway.functions.get(NAME)?.deleted, true);
    // Its pods are still going: it is told of, and a second DELETE is answered with 404.
    await provider.remove(name, context());
    settle(gateway);
    await provider.remove(name, context());
  });

  describe('reaches the internal listener', () => {
    const SECRET = `${NAME}-internal-key`;
    const withKey = (key: string) => ({ ...LISTENERS, keyFor: (namespace: string) => `${namespace}.${key}` });
    const runWith = (listeners: ProviderContext['listeners']) =>
      provider.run(functionOf(IMAGE), context(NOW, listeners));

    it('by a Secret of OpenFaaS, and nothing that is shown of it has the key', async () => {
      await start();
      await runWith(withKey('first'));
      assert.deepEqual([...gateway.secrets], [[SECRET, 'default.first']]);
      const { deployed } = gateway.functions.get(NAME) ?? assert.fail('it is not there');
      assert.deepEqual(deployed.secrets, [SECRET]);
      assert.equal(deployed.envVars.TENFOLD_INTERNAL_URL, LISTENERS.url);
      assert.equal(deployed.envVars.TENFOLD_INTERNAL_KEY_FILE, `/var/openfaas/secrets/${SECRET}`);
      assert.ok(!JSON.stringify(deployed).includes('first'));
      assert.deepEqual(writes(), ['PUT /system/secrets', 'POST /system/secrets', 'POST /system/functions']);
    });

    it('by another key as soon as there is one, and is written no more than that', async () => {
      await start();
      await runWith(withKey('first'));
      const made = writes().length;
      await runWith(withKey('first'));
      assert.equal(writes().length, made);
      await runWith(withKey('second'));
      assert.deepEqual(writes().slice(made), ['PUT /system/secrets', 'PUT /system/functions']);
      assert.equal(gateway.secrets.get(SECRET), 'default.second');
    });

    it('no more once it is gone', async () => {
      await start();
      await runWith(withKey('first'));
      await provider.remove({ name: 'menu', namespace: 'default' }, context());
      assert.equal(gateway.secrets.size, 0);
      assert.equal(gateway.functions.get(NAME)?.deleted, true);
    });

    it('not at all where keys are made of no secret', async () => {
      await start();
      await runWith(LISTENERS);
      assert.equal(gateway.secrets.size, 0);
      assert.equal(gateway.functions.get(NAME)?.deployed.envVars.TENFOLD_INTERNAL_URL, undefined);
    });
  });

  const breakWith = (status: number) => {
    gateway.broken = status;
  };
  const faults: readonly [name: string, breakIt: () => Promise<void> | void, said: RegExp][] = [
    ['is down', () => gateway.close(), /does not answer/],
    ['answers with errors', () => breakWith(503), /answered .* with 503: unavailable/],
    ['takes no credentials of ours', () => breakWith(401), /does not take the operator's credentials/],
  ];
  for (const [name, breakIt, said] of faults) {
    it(`says so when its gateway ${name}, without the password`, async () => {
      await start();
      await breakIt();
      await assert.rejects(provider.run(functionOf(IMAGE), context()), error => {
        assert.ok(error instanceof ProviderError);
        assert.match(error.message, said);
        assert.ok(!error.message.includes(gateway.password));
        return true;
      });
    });
  }
});

describe('A name in OpenFaaS', () => {
  it('is that of one Function alone, and one that it takes', () => {
    const long = `1${'x'.repeat(62)}`;
    const names = [
      ['menu', 'a-b'],
      ['b-menu', 'a'],
      ['menu', 'b'],
      [long, 'a'],
    ].map(([name = '', namespace = '']) => openfaasNameOf({ name, namespace }));
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^[a-z]([-a-z0-9]{0,61}[a-z0-9])$/);
  });
});
