// What a newcomer does: install the chart as it is, apply an application, use it from outside, and
// take all of it away again.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { request } from 'undici';
import { eventually } from '../../eventually.ts';
import { countFunctions, orderCoffee, seeShop } from './coffee-guest.ts';
import { apiOf, detoursTo, namesOf } from './foreign-urls.ts';
import { allServed, describePeople } from './guests.ts';
import { answersAgain, call, installPlatform, type Platform, tenfold, whatIsWrong } from './platform.ts';
import { rightsOf } from './rights.ts';
import { findNode } from './shared-node.ts';
import { copyClaim } from './volumes.ts';

const COFFEE_SHOP = fileURLToPath(new URL('../../../functions/coffee-shop', import.meta.url));
const KITCHEN = fileURLToPath(new URL('../../fixtures/kitchen', import.meta.url));
/** Of the coffee shop. */
const FUNCTIONS = countFunctions(COFFEE_SHOP);

const shared = findNode();
const node = () => (shared ?? assert.fail('There is no node.')).node();
const shop = 'standalone-shop';
const coffeeShop = 'coffee-shop';
let platform: Platform;
let address: string;
/** Of the public port at the node. */
let outside: string;
const kubectl = (...args: string[]) => node().kubectl(args);

// A busy machine may take longer for a first pod than the ten seconds of the application.
const scale = (to: object) =>
  kubectl(
    'patch',
    'function/orders',
    `--namespace=${shop}`,
    '--type=merge',
    `--patch=${JSON.stringify({ spec: { scale: to, timeout: '29s' } })}`,
  );
const pods = () =>
  kubectl('get', 'pods', '--selector=tenfold.dev/function=orders', `--namespace=${shop}`, '--output=name');
const asleep = async () => {
  const { status } = JSON.parse(await kubectl('get', 'function/orders', `--namespace=${shop}`, '--output=json'));
  const reason = status.conditions.find(({ type }: { type: string }) => type === 'Ready')?.reason;
  return reason === 'Asleep' && (await pods()) === '';
};

if (shared) {
  describe('The chart on a node, by default', () => {
    before(async () => {
      platform = await installPlatform(node(), { service: { type: 'NodePort' } });
      address = await platform.address();
      const service = ['get', 'service', 'tenfold', `--namespace=${platform.namespace}`];
      outside = `http://10.213.0.1:${await kubectl(...service, '--output=jsonpath={.spec.ports[0].nodePort}')}`;
      for (const namespace of [shop, coffeeShop]) {
        await kubectl('create', 'namespace', namespace);
        await kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
      }
    });

    afterEach(async function () {
      if (this.currentTest?.state !== 'failed') return;
      for (const namespace of [platform.namespace, shop, coffeeShop])
        console.error(await whatIsWrong(node(), namespace));
    });

    after(async () => {
      await kubectl(
        'delete',
        'namespace',
        shop,
        coffeeShop,
        platform.namespace,
        '--ignore-not-found',
        '--timeout=300s',
      );
    });

    describeApplications();
    describeCalls();
    describeRestarts();
    it('passes helm test', async () => {
      await platform.test();
    });

    it('leaves data behind when it is uninstalled, and nothing else', async () => {
      await platform.uninstall();
      const kinds = 'pods,deployments,services,configmaps,secrets,roles,rolebindings,serviceaccounts,leases,pvc';
      const left = async () => {
        const names = await kubectl('get', kinds, `--namespace=${platform.namespace}`, '--output=name');
        return names.split('\n').filter(name => !/^$|kube-root-ca\.crt|serviceaccount\/default/.test(name));
      };
      const claims = ['persistentvolumeclaim/tenfold-data', 'persistentvolumeclaim/tenfold-restored'];
      const allGone = async () => isDeepStrictEqual((await left()).toSorted(), claims);
      await eventually(allGone, 'all else is gone').catch(async error => {
        throw new Error(`${error.message}: there is ${await left()}`);
      });
      // What it ran goes on as the cluster's own.
      assert.match(await kubectl('get', 'functions', `--namespace=${shop}`, '--output=name'), /orders/);
    });
  });
}

function describeApplications(): void {
  it('is one pod that serves, and an operator', async () => {
    const pods = await kubectl('get', 'pods', `--namespace=${platform.namespace}`, '-Lapp.kubernetes.io/component');
    const seen = [...pods.matchAll(/ 1\/1 +Running.* (\w+) *$/gm)].map(([, component]) => component);
    assert.deepEqual(seen.sort(), ['operator', 'standalone'], pods);
  });

  it('gives the pod that strangers reach no right to make anything, nor to read a Secret', async () => {
    const may = rightsOf(node(), `system:serviceaccount:${platform.namespace}:tenfold`, shop);
    assert.equal(await may('patch', 'tenfold.dev/functions/status'), true);
    for (const verb of ['create', 'patch', 'delete'])
      for (const what of ['apps/deployments', '/services', '/pods', 'tenfold.dev/functions'])
        assert.equal(await may(verb, what), false, `${verb} ${what}`);
    assert.equal(await may('get', '/secrets'), false);
  });

  it('runs an application from its sources, as kubectl wait sees it', async () => {
    const said = await tenfold(node(), ['apply', KITCHEN, '--namespace', shop, '--wait', '--timeout', '300s']);
    // A second try finds it there.
    assert.match(said, /Function +standalone-shop +orders +(created|unchanged) +yes/);
    const kinds = 'functions,topics,subscriptions,views,apis';
    await kubectl('wait', '--for=condition=Ready', kinds, '--all', `--namespace=${shop}`, '--timeout=300s');
    const table = await kubectl('get', 'functions', `--namespace=${shop}`);
    assert.match(table, /orders +True +Available +http:\/\/fn-orders\.standalone-shop\.svc/);
  });

  describePeople(shop, () => ({ node: node(), platform: platform.namespace }));
  it('takes orders from outside, and shows what became of them', async () => {
    const ordered = () => call('POST', `${outside}/orders`, { table: 'window', drink: 'espresso' });
    const first = await ordered();
    assert.equal(first.status, 201, JSON.stringify(first.body));
    await allServed(address, [first.body.id]);
  });

  it('runs the coffee shop from the files of the laptop', async () => {
    const all = ['apply', COFFEE_SHOP, '--namespace', coffeeShop, '--wait', '--timeout', '300s'];
    assert.match(await tenfold(node(), all), /Function +coffee-shop +orders +\w+ +yes/);
    const kinds = 'functions,topics,subscriptions,views,pipelines,aggregates,apis';
    await kubectl('wait', '--for=condition=Ready', kinds, '--all', `--namespace=${coffeeShop}`, '--timeout=300s');
  });

  it('takes an order of coffee from outside, and shows it on the wall, whatever becomes of the pods', async () => {
    const ordered = await orderCoffee(outside);
    const seen = await seeShop(outside, ordered);
    assert.deepEqual(seen.wall, ['v60', 'v60', 'cookie']);
    assert.deepEqual(seen.receipt, ['2 × V60 pour-over: 9.00 €', '1 × Oat cookie: 2.50 €']);
    assert.partialDeepStrictEqual(seen.invoice, { billedTo: 'Ada', dueCents: 1150 });
    assert.partialDeepStrictEqual(seen.cups, { member: ordered.customer, score: 2, value: { name: 'Ada' } });

    const pods = [
      '--selector=tenfold.dev/function in (orders,customers,screens,receipts)',
      `--namespace=${coffeeShop}`,
    ];
    await kubectl('delete', 'pods', ...pods, '--grace-period=1');
    assert.deepEqual(await seeShop(outside, ordered), seen);
  });

  it('lets nobody in by the doors of partners and staff, which a default installation has no keys for', async () => {
    const [partner, staff] = await Promise.all([
      request(`${outside}/partners/menu`, { headers: { 'x-api-key': 'tfk_guessed' } }),
      request(`${outside}/staff/orders`, { headers: { authorization: 'Bearer e30.e30.e30' } }),
    ]);
    await Promise.all([partner.body.dump(), staff.body.dump()]);
    assert.deepEqual([partner.statusCode, staff.statusCode], [401, 503]);
  });

  it('tells of the coffee shop in kubectl get', async () => {
    const get = (kinds: string) => kubectl('get', kinds, `--namespace=${coffeeShop}`);
    const serving = /^\S+ +True +(Available|Asleep) +http:\/\/fn-\S+\.coffee-shop\.svc/;
    let functions: readonly string[] = [];
    // Those whose pods have been deleted start again.
    const allServe = async () => {
      functions = (await get('functions')).trim().split('\n').slice(1);
      return functions.length === FUNCTIONS && functions.every(line => serving.test(line));
    };
    await eventually(allServe, 'all Functions serve').catch(error => {
      throw new Error(`${error.message}:\n${functions.join('\n')}`);
    });
    // An Api hears a moment later that its Functions serve again.
    const shopServes = async () => /^shop +True +InForce +\/shop +v1 /m.test(await get('apis'));
    await eventually(shopServes, 'the Api that leads to them is in force');
    assert.match(await get('views'), /^wall +True /m);
    const nothingLeft = async () =>
      /^video-wall +True +True +InForce +orders\.created +0 +0 +0 /m.test(await get('subscriptions'));
    await eventually(nothingLeft, 'the figures of the video wall are told');
    assert.match(await get('tenfold'), /^api\S*\/shop /m);
  });
}

function describeCalls(): void {
  it('lets no resource of another namespace call a private Function, whatever its url', async () => {
    const spies = 'spies';
    const apply = (object: object) => node().kubectl(['apply', '-f', '-'], JSON.stringify(object));
    const aim = { namespace: shop, name: 'orders' };
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: spies } });
    const detours = await detoursTo(node(), aim, spies);
    for (const namespace of [shop, spies]) {
      await apply(apiOf(namespace, detours));
      await kubectl('wait', '--for=condition=Ready', 'api/detours', `--namespace=${namespace}`, '--timeout=300s');
    }
    for (const way of Object.keys(detours)) {
      // The node may still be making the addresses of a new Service lead to its pod.
      let said: unknown;
      const leads = async () => {
        const { status, body } = await call('GET', `${address}/${shop}/${way}`);
        said = body;
        return status === 200;
      };
      await eventually(leads, `${way} leads to the Function`).catch(error => {
        throw new Error(`${error.message}: ${JSON.stringify(said)}`);
      });
      const theirs = await call('GET', `${address}/${spies}/${way}`);
      assert.equal(theirs.status, 403, `${way}: ${JSON.stringify(theirs.body)}`);
    }
    for (const url of namesOf(aim)) {
      await apply(apiOf(spies, { name: url }));
      const named = ['api/detours', `--namespace=${spies}`];
      await kubectl('wait', '--for=condition=Accepted=false', ...named, '--timeout=300s');
      assert.match(await kubectl('get', ...named, '--output=yaml'), /address of a Function in the namespace/);
      await apply(apiOf(spies, detours));
      await kubectl('wait', '--for=condition=Accepted', ...named, '--timeout=300s');
    }
    await kubectl('delete', 'namespace', spies, '--timeout=300s');
    await kubectl('delete', 'api/detours', `--namespace=${shop}`);
  });

  it('has no pod of a Function that nobody calls, and holds calls until there is one again', async () => {
    await scale({ min: 0, max: 2, idle: '1s' });
    await eventually(asleep, 'it sleeps');
    const began = Date.now();
    const orders = Array.from({ length: 20 }, () =>
      call('POST', `${address}/orders`, { table: 'bed', drink: 'mocha' }),
    );
    const answers = await Promise.all(orders);
    console.log(`      ${answers.length} calls waited ${Date.now() - began} ms for the first pod`);
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
    await allServed(
      address,
      answers.map(({ body }) => body.id),
    );
  });

  it('sends calls that wait to the first pod as soon as that listens, though its Service leads nowhere yet', async () => {
    await eventually(asleep, 'it sleeps again');
    await node().kill('kube-proxy');
    try {
      const { status, body } = await call('POST', `${address}/orders`, { table: 'lane', drink: 'cortado' });
      assert.equal(status, 201, JSON.stringify(body));
    } finally {
      node().start('kube-proxy');
    }
    await scale({ min: 2, max: 2 });
    await kubectl('wait', '--for=condition=Ready', 'function/orders', `--namespace=${shop}`, '--timeout=300s');
  });
}

function describeRestarts(): void {
  it('keeps what it has when its pod is deleted', async () => {
    const { body } = await call('POST', `${address}/orders`, { table: 'door', drink: 'flat white' });
    await kubectl('delete', 'pod', '--selector=app.kubernetes.io/name=tenfold', `--namespace=${platform.namespace}`);
    await kubectl('rollout', 'status', 'deployment/tenfold', `--namespace=${platform.namespace}`, '--timeout=300s');
    await answersAgain(`${address}/hello`);
    await allServed(address, [body.id]);
  });

  it('is restored from a copy of its volume, and goes on from what was there', async () => {
    const deployment = ['deployment', 'tenfold', `--namespace=${platform.namespace}`];
    const stop = async () => {
      await kubectl('scale', ...deployment, '--replicas=0');
      const pods = ['pod', '--selector=app.kubernetes.io/component=standalone', `--namespace=${platform.namespace}`];
      await kubectl('wait', '--for=delete', ...pods, '--timeout=300s');
    };
    const order = async (table: string): Promise<string> => {
      const { status, body } = await call('POST', `${address}/orders`, { table, drink: 'lungo' });
      assert.equal(status, 201, JSON.stringify(body));
      return body.id;
    };
    const before = await order('before');
    await allServed(address, [before]);
    await stop();
    const copy = await copyClaim(node(), platform.namespace, 'tenfold-data', 'tenfold-restored');
    assert.match(
      await tenfold(node(), ['doctor', '--data', copy.path]),
      /All that was acknowledged is there and sound/,
    );
    await kubectl('scale', ...deployment, '--replicas=1');
    await kubectl('rollout', 'status', ...deployment, '--timeout=300s');
    await answersAgain(`${address}/hello`);
    const after = await order('after');
    await allServed(address, [after]);
    await stop();
    await platform.upgrade({ persistence: { existingClaim: 'tenfold-restored' } });
    await answersAgain(`${address}/hello`);
    await allServed(address, [before, await order('later')]);
    assert.equal((await call('GET', `${address}/wall?key=${after}`)).status, 404);
  });
}
