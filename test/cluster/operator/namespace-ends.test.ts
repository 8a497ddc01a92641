// A namespace that is deleted ends, whatever of it is elsewhere and does not answer; nothing of its
// neighbours changes meanwhile.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { deploymentProvider } from '../../../k8s/providers/deployment/provider.ts';
import { openfaasNameOf } from '../../../k8s/providers/openfaas/names.ts';
import { createOpenFaasProvider, type OpenFaasProvider } from '../../../k8s/providers/openfaas/provider.ts';
import { API_VERSION, kinds } from '../../../resources/kinds/index.ts';
import type { Kind } from '../../../resources/kinds/kind-names.ts';
import { createKafkaTopics, type KafkaTopics } from '../../../server/events/topics/topic-log.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { type FakeOpenFaas, settle, startFakeOpenFaas } from '../../fakes/openfaas-gateway.ts';
import type { ControlPlane } from '../control-plane.ts';
import { freePorts } from '../free-ports.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';
import { type ServingProcess, startServing } from '../serving/serving-process.ts';
import { accountOf, CONTROLLERS, type RunningOperator, runOperator, startPlane } from './operators.ts';

/** Instead of five minutes. */
const IMPATIENT_MS = 3000;
const IMAGE = 'ghcr.io/acme/menu:1';

let plane: ControlPlane;
let upstream: Server;
let url: string;
let gateway: FakeOpenFaas;
let openfaas: OpenFaasProvider;
let topics: KafkaTopics;
let operator: RunningOperator;
let serving: ServingProcess;
let listener: string;

const start = (patienceMs?: number) =>
  runOperator(plane, { providers: [deploymentProvider, openfaas], topics, patienceMs });
const pathIn = (inside: string, kind: Kind, name: string) =>
  `/apis/${API_VERSION}/namespaces/${inside}/${kinds[kind].plural}/${name}`;
const get = async (path: string) => (await plane.client.request('GET', path)).body;
const apply = async (inside: string, kind: Kind, name: string, spec: object) => {
  const manifest = { apiVersion: API_VERSION, kind, metadata: { name, namespace: inside }, spec };
  const answer = await plane.client.apply(pathIn(inside, kind, name), manifest);
  assert.ok(answer.status < 300, message(answer));
};
const namespace = async (name: string) => {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  const answer = await plane.client.apply(`/api/v1/namespaces/${name}`, object);
  assert.equal(answer.status, 201, message(answer));
};
const deployment = (inside: string) => get(`/apis/apps/v1/namespaces/${inside}/deployments/fn-pods`);
const byOpenFaas = (inside: string) => gateway.functions.get(openfaasNameOf({ name: 'faas', namespace: inside }));
const finalizersOf = async (inside: string, kind: Kind, name: string): Promise<string[]> =>
  (await get(pathIn(inside, kind, name))).metadata?.finalizers ?? [];
const answers = (inside: string, status: number) =>
  eventually(async () => (await fetch(`${listener}/${inside}`)).status === status, `/${inside}: ${status}`);
const remove = async (inside: string) => {
  const answer = await plane.client.request('DELETE', `/api/v1/namespaces/${inside}`);
  assert.ok(answer.status < 300, message(answer));
};
const isGone = async (inside: string) =>
  (await plane.client.request('GET', `/api/v1/namespaces/${inside}`)).status === 404;
const gone = (inside: string) =>
  eventually(() => isGone(inside), `${inside} is gone`).catch(async error => {
    const { status } = await get(`/api/v1/namespaces/${inside}`);
    throw new Error(`${error.message}; ${JSON.stringify(status)}; ${operator.lines.slice(-20).join('\n')}`);
  });

/** Of each sort one: pods of ours, pods of OpenFaaS, a topic, and a route. */
async function fill(inside: string, deletionPolicy: 'Delete' | 'Retain'): Promise<void> {
  await apply(inside, 'Function', 'pods', { image: IMAGE, provider: 'deployment' });
  await apply(inside, 'Function', 'faas', { image: IMAGE, provider: 'openfaas' });
  await apply(inside, 'Function', 'elsewhere', { url });
  await apply(inside, 'Topic', 'orders', { deletionPolicy });
  await apply(inside, 'Subscription', 'orders', { topic: 'orders', to: { function: 'elsewhere' } });
  await apply(inside, 'Api', 'web', { routes: [{ match: { path: `/${inside}` }, to: { function: 'elsewhere' } }] });
  await eventually(async () => (await deployment(inside)).spec !== undefined, 'a Deployment');
  await eventually(() => byOpenFaas(inside)?.deleted === false, 'a function of OpenFaaS');
  const held = async () => {
    const of = [await finalizersOf(inside, 'Function', 'faas'), await finalizersOf(inside, 'Topic', 'orders')];
    return of.map(({ length }) => length).join() === (deletionPolicy === 'Delete' ? '1,1' : '1,0');
  };
  await eventually(held, 'it is held by what is elsewhere');
  await answers(inside, 200);
}

/** What of it would be different had anything been made anew. */
const neighbour = async () => {
  const objects = [['Function', 'pods'] as const, ['Function', 'faas'] as const, ['Topic', 'orders'] as const];
  const uids = objects.map(async ([kind, name]) => (await get(pathIn('neighbour', kind, name))).metadata.uid);
  return [...(await Promise.all(uids)), (await deployment('neighbour')).metadata.uid, byOpenFaas('neighbour')?.deleted];
};

/** Another name for each try, as one that failed may have left its namespace. */
const made: string[] = [];
const another = async (deletionPolicy: 'Delete' | 'Retain') => {
  const name = `shop-${made.push('shop')}`;
  await namespace(name);
  await fill(name, deletionPolicy);
  return name;
};
/** What waited for the operator's attention before has had it then. */
const neighbourIsKept = async () => {
  const name = `menu-${made.push('menu')}`;
  await apply('neighbour', 'Function', name, { image: IMAGE, provider: 'deployment' });
  const path = `/apis/apps/v1/namespaces/neighbour/deployments/fn-${name}`;
  await eventually(async () => (await get(path)).spec !== undefined, 'a new Function of the neighbour');
  await answers('neighbour', 200);
};

describe('A namespace that is deleted', () => {
  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    await plane.startControllers([...CONTROLLERS, 'namespace-controller']);
    upstream = createServer((_request, response) => void response.end());
    url = await listen(upstream, '127.0.0.1', 0);
    gateway = await startFakeOpenFaas();
    const { username, password } = gateway;
    const times = { settledMs: 100, changingMs: 100 };
    openfaas = createOpenFaasProvider({ url: gateway.url, credentials: { username, password }, times });
    // A Kafka that is away, at a port where nobody listens.
    const [nobody = 0] = await freePorts(1);
    topics = createKafkaTopics(
      realWorld,
      {
        brokers: [`127.0.0.1:${nobody}`],
        clientId: 'test',
        topicPrefix: '',
        replicationFactor: 1,
        compression: 'none',
      },
      () => {},
    );
    await namespace('neighbour');
    operator = start();
    serving = startServing(plane, { role: 'serve' });
    [{ public: listener }] = await Promise.all([serving.addresses(), operator.synced]);
    await fill('neighbour', 'Delete');
  });

  after(async () => {
    await serving?.end('SIGKILL');
    await operator?.close();
    await openfaas?.close();
    await topics?.close();
    await gateway?.close();
    if (upstream) await closeServer(upstream, realWorld, 0);
    await plane?.close();
    removeTempFolders();
  });

  it('is held by what OpenFaaS runs while its gateway does not answer, and ends when that is back; its neighbour is looked after all the while', async () => {
    const shop = await another('Retain');
    const before = await neighbour();
    gateway.broken = 503;
    try {
      await remove(shop);
      // Though not all of it is gone.
      await answers(shop, 404);
      await eventually(async () => (await deployment(shop)).code === 404, 'its Deployment is gone');
      await neighbourIsKept();
      assert.equal(byOpenFaas(shop)?.deleted, false);
    } finally {
      gateway.broken = undefined;
    }
    await gone(shop);
    assert.equal(byOpenFaas(shop)?.deleted, true);
    assert.deepEqual(await neighbour(), before);
    // What OpenFaaS was told to end has ended.
    settle(gateway);
    await namespace(shop);
    await fill(shop, 'Retain');
    assert.deepEqual(await neighbour(), before);
  });

  it('ends also when neither Kafka nor that gateway ever answers, and it is said what may be left; then nothing of it is asked for any more', async () => {
    await operator.close();
    operator = start(IMPATIENT_MS);
    await operator.synced;
    const shop = await another('Delete');
    const before = await neighbour();
    gateway.broken = 503;
    try {
      await remove(shop);
      await gone(shop);
    } finally {
      gateway.broken = undefined;
    }
    for (const what of ['faas', 'orders']) {
      const said = (line: string) => line.includes('may be left') && line.includes(`"${shop}/${what}"`);
      assert.ok(operator.lines.some(said), `${what}: ${operator.lines.slice(-20).join('\n')}`);
    }
    assert.equal(byOpenFaas(shop)?.deleted, false);
    await answers(shop, 404);
    assert.deepEqual(await neighbour(), before);
    await neighbourIsKept();
    const { name } = accountOf('operator');
    const asked = () => plane.audit().filter(one => one.user.username === name && one.objectRef?.namespace === shop);
    const soFar = asked().length;
    await neighbourIsKept();
    assert.equal(asked().length, soFar);
  });
});
