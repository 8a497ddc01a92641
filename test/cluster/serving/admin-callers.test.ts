// Callers of the admin API in a cluster: whom a real API server knows, with the roles that a team
// is given in its namespace, and nobody while it is away.
import assert from 'node:assert/strict';
import { adminAudienceOf } from '../../../k8s/access/reviews.ts';
import { audienceOf } from '../../../k8s/providers/internal-listeners.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';
import { PLATFORM, rbacOf, startPlane, withAccounts } from '../operator/operators.ts';
import { ADMIN_TOKEN, type ServingProcess, startServing } from './serving-process.ts';

const RBAC = 'rbac.authorization.k8s.io';
const ANN = { token: 'token-of-ann', name: 'ann', groups: ['shop-team', 'system:authenticated'] };
const EVE = { token: 'token-of-eve', name: 'eve', groups: ['system:authenticated'] };

describe('Callers of the admin API in a cluster', () => {
  let plane: ControlPlane;
  let serving: ServingProcess;
  let admin: string;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane({ users: [...(withAccounts.users ?? []), ANN, EVE] });
    await plane.startControllers(['clusterrole-aggregation-controller']);
    for (const object of ['callers', 'people'].flatMap(rbacOf))
      await apply(`/apis/${RBAC}/v1/${object.kind.toLowerCase()}s/${object.metadata.name}`, object);
    for (const namespace of ['shop', 'billing']) {
      await make(`/api/v1/namespaces/${namespace}`, 'v1', 'Namespace', namespace);
      const topic = `/apis/${API_VERSION}/namespaces/${namespace}/topics/${namespace}-orders`;
      await make(topic, API_VERSION, 'Topic', `${namespace}-orders`, namespace, { spec: {} });
    }
    await make('/api/v1/namespaces/billing/serviceaccounts/ci', 'v1', 'ServiceAccount', 'ci', 'billing');
    await bind('shop', 'edit', { apiGroup: RBAC, kind: 'Group', name: 'shop-team' });
    await bind('billing', 'view', { kind: 'ServiceAccount', name: 'ci', namespace: 'billing' });
    serving = startServing(plane, { role: 'serve' });
    admin = (await serving.addresses()).admin;
  });
  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.error(serving?.output());
  });
  after(async () => {
    await serving?.end('SIGKILL');
    await plane?.close();
    removeTempFolders();
  });

  async function apply(path: string, object: unknown) {
    const answer = await plane.client.apply(path, object);
    assert.ok(answer.status < 300, message(answer));
  }
  function make(path: string, apiVersion: string, kind: string, name: string, namespace?: string, rest = {}) {
    return apply(path, { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) }, ...rest });
  }
  const bindingPath = (namespace: string, role: string) =>
    `/apis/${RBAC}/v1/namespaces/${namespace}/rolebindings/${role}`;
  function bind(namespace: string, role: string, subject: object) {
    const roleRef = { apiGroup: RBAC, kind: 'ClusterRole', name: role };
    const rest = { roleRef, subjects: [subject] };
    return make(bindingPath(namespace, role), `${RBAC}/v1`, 'RoleBinding', role, namespace, rest);
  }
  const ask = async (token: string, path: string, method = 'GET', body?: object) => {
    const answer = await fetch(`${admin}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const pause = (namespace: string) => `consumers/Subscription/${namespace}/wall/pause`;
  const tokenOf = async (audiences?: readonly string[]): Promise<string> => {
    const answer = await plane.client.request('POST', '/api/v1/namespaces/billing/serviceaccounts/ci/token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600, ...(audiences && { audiences }) },
    });
    assert.equal(answer.status, 201, message(answer));
    return answer.body.status.token;
  };

  it('see and pause what is in the namespace of their team, and nothing of others', async () => {
    await eventually(
      async () => (await ask(ANN.token, pause('shop'), 'POST')).status === 404,
      'the role is aggregated',
    );
    const list = await ask(ANN.token, 'resources');
    assert.equal(list.status, 200, list.text);
    assert.match(list.text, /shop-orders/);
    assert.doesNotMatch(list.text, /billing/);
    const everything = await ask(ADMIN_TOKEN, 'resources');
    assert.match(everything.text, /billing-orders/);
    for (const [path, method] of [
      ['resources?namespace=billing', 'GET'],
      ['resources/Topic/billing/billing-orders', 'GET'],
      [pause('billing'), 'POST'],
      ['objects', 'GET'],
      ['audit?namespace=shop', 'GET'],
    ] as const)
      assert.equal((await ask(ANN.token, path, method)).status, 403, path);
  });

  it('are named in the audit log, which they do not read without the role for it', async () => {
    const { text } = await ask(ADMIN_TOKEN, 'audit?namespace=shop');
    assert.match(text, /"by":"kubernetes ann"/);
    assert.match(text, /"namespace":"shop"/);
  });

  it('need the role admin to delete events', async () => {
    const purge = { action: 'purge', kind: 'Subscription', namespace: 'shop', name: 'wall', ids: ['0-1'] };
    assert.equal((await ask(ANN.token, 'dead-letters/commands', 'POST', purge)).status, 403);
    await bind('shop', 'admin', { apiGroup: RBAC, kind: 'User', name: 'ann' });
    await eventually(
      async () => (await ask(ANN.token, 'dead-letters/commands', 'POST', purge)).status === 404,
      'the role counts',
    );
    assert.equal((await ask(ANN.token, 'audit?namespace=shop')).status, 200);
  });

  it('are ServiceAccounts, too: by a token for the API server or for the platform, and by no other', async () => {
    for (const audiences of [undefined, [adminAudienceOf(PLATFORM)]]) {
      const token = await tokenOf(audiences);
      const { status, text } = await ask(token, 'resources');
      assert.equal(status, 200, text);
      assert.match(text, /billing-orders/);
      assert.doesNotMatch(text, /shop/);
      assert.equal((await ask(token, pause('billing'), 'POST')).status, 403);
    }
    for (const audience of [audienceOf(PLATFORM), adminAudienceOf('elsewhere')])
      assert.equal((await ask(await tokenOf([audience]), 'resources')).status, 401);
  });

  it('may nothing without a role, and are nobody without a token of the cluster', async () => {
    assert.equal((await ask(EVE.token, 'resources')).status, 403);
    assert.equal((await ask(EVE.token, pause('shop'), 'POST')).status, 403);
    const { status, text } = await ask('token-of-nobody', 'resources');
    assert.equal(status, 401);
    assert.match(text, /a token of the Kubernetes cluster/);
  });

  it('lose a right some seconds after the role is taken back', async () => {
    const token = await tokenOf();
    assert.equal((await ask(token, 'resources')).status, 200);
    await plane.client.request('DELETE', bindingPath('billing', 'view'));
    await eventually(async () => (await ask(token, 'resources')).status === 403, 'the role is gone');
  });

  it('are not let in while the API server is away, but for the holder of the admin token', async function () {
    this.timeout(BUILD_AND_START_MS);
    const back = plane.restartApiServer(20_000);
    let told = '';
    await eventually(async () => {
      const { status, text } = await ask(`token-${Math.random()}`, 'resources');
      told = text;
      return status === 503;
    }, 'nobody is let in');
    assert.match(told, /auth-unavailable.*The API server did not answer/s);
    assert.equal((await ask(ADMIN_TOKEN, 'resources')).status, 200);
    await back;
    await eventually(async () => (await ask(ANN.token, 'resources')).status === 200, 'it is there again');
  });
});
