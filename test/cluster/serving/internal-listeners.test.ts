// The internal listener of a gateway in a cluster, with tokens as a real API
// server makes them for pods.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { audienceOf } from '../../../k8s/providers/internal-listeners.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';
import { PLATFORM, startPlane } from '../operator/operators.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

const AUDIENCE = audienceOf(PLATFORM);

describe('The internal listener in a cluster', () => {
  let plane: ControlPlane;
  let upstream: Server;
  let serving: ServingProcess;
  let listener: string;

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    upstream = createServer((request, response) => void response.end(String(request.headers['tenfold-key'])));
    const url = await listen(upstream, '127.0.0.1', 0);
    for (const namespace of ['shop', 'billing']) {
      await make(`/api/v1/namespaces/${namespace}`, 'v1', 'Namespace', namespace);
      const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
      await make(account, 'v1', 'ServiceAccount', 'default', namespace);
    }
    const path = `/apis/${API_VERSION}/namespaces/shop/functions/till`;
    await make(path, API_VERSION, 'Function', 'till', 'shop', { spec: { url } });
    // Also without a secret of its own: tokens need none.
    serving = startServing(plane, { role: 'serve' });
    listener = (await serving.addresses()).internal;
  });
  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.error(serving.output());
  });
  after(async () => {
    await serving?.end('SIGKILL');
    if (upstream) await closeServer(upstream, realWorld, 0);
    await plane?.close();
    removeTempFolders();
  });

  async function make(path: string, apiVersion: string, kind: string, name: string, namespace?: string, rest = {}) {
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
    const answer = await plane.client.apply(path, { apiVersion, kind, metadata, ...rest });
    assert.ok(answer.status < 300, message(answer));
  }
  /** As a kubelet asks for it. */
  const tokenOf = async (namespace: string, audiences: readonly string[]): Promise<string> => {
    const answer = await plane.client.request(
      'POST',
      `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`,
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences, expirationSeconds: 3600 } },
      'application/json',
    );
    assert.equal(answer.status, 201, message(answer));
    return answer.body.status.token;
  };
  const call = (token: string) => fetch(`${listener}/functions/till`, { headers: { 'tenfold-key': token } });

  it('take the token of a pod for its namespace, and never show it to the function', async () => {
    const answer = await call(await tokenOf('shop', [AUDIENCE]));
    assert.deepEqual([answer.status, await answer.text()], [200, 'undefined']);
  });

  it('show a pod of another namespace nothing of it', async () => {
    assert.equal((await call(await tokenOf('billing', [AUDIENCE]))).status, 404);
  });

  it('take no token that pods have for the API server, or for somebody else', async () => {
    for (const audiences of [[], ['https://kubernetes.default.svc'], ['vault'], [audienceOf('another')]])
      assert.equal((await call(await tokenOf('shop', audiences))).status, 401, audiences.join());
  });

  // Before an API server starts anew: for a moment one refuses whoever is nobody's administrator.
  it('need no right for that beyond those that the gateway has', () => {
    const refused = plane
      .audit()
      .filter(one => /^system:serviceaccount:/.test(one.user.username) && one.responseStatus?.code === 403);
    assert.deepEqual(refused, []);
  });

  it('take tokens while the API server is away', async () => {
    const fresh = await tokenOf('shop', [AUDIENCE]);
    let status = 0;
    const watch = async () => {
      const away = async () =>
        plane.client.request('GET', '/readyz').then(
          ({ status: got }) => got !== 200,
          () => true,
        );
      await eventually(away, 'it is away');
      status = (await call(fresh)).status;
    };
    await Promise.all([watch(), plane.restartApiServer(2000)]);
    assert.equal(status, 200);
  });
});
