// Teams that share a cluster and its public port: none gets another one's requests, and both
// sides are told of an attempt.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { parseAssignment } from '../../../resources/ownership/assignments.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';
import { type RunningOperator, runOperator, startPlane } from '../operator/operators.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

const TEAMS = ['green', 'blue', 'red'] as const;
type Team = (typeof TEAMS)[number];
const OWNERS = '/red=red';

describe('The public port of a cluster', () => {
  let plane: ControlPlane;
  let operator: RunningOperator;
  let serving: ServingProcess;
  let address = '';
  const upstreams: Server[] = [];
  const urls = new Map<Team, string>();
  /** What arrived at each team, with what the client showed of itself. */
  const arrived = new Map<Team, string[]>(TEAMS.map(team => [team, []]));

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    for (const team of TEAMS) {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: team } };
      await plane.client.apply(`/api/v1/namespaces/${team}`, namespace);
      const upstream = createServer((request, response) => {
        arrived.get(team)?.push(`${request.method} ${request.url} ${request.headers.authorization}`);
        request.resume().on('end', () => response.end(team));
      });
      upstreams.push(upstream);
      urls.set(team, await listen(upstream, '127.0.0.1', 0));
    }
    operator = runOperator(plane, { assignments: [OWNERS].flatMap(text => parseAssignment(text) ?? []) });
    serving = startServing(plane, { role: 'serve', env: { TENFOLD_CLUSTER_ROUTE_OWNERS: OWNERS } });
    address = (await serving.addresses()).public;
    await operator.synced;
  });
  after(async () => {
    await serving?.end('SIGKILL');
    await operator?.close();
    for (const upstream of upstreams) await closeServer(upstream, realWorld, 0);
    await plane?.close();
    removeTempFolders();
  });

  const pathOf = (team: Team, name: string) => `/apis/${API_VERSION}/namespaces/${team}/apis/${name}`;
  const apply = async (team: Team, name: string, match: object, more: object = {}) => {
    const spec = { ...more, routes: [{ match, to: { url: urls.get(team) } }] };
    const manifest = { apiVersion: API_VERSION, kind: 'Api', metadata: { name, namespace: team }, spec };
    const answer = await plane.client.apply(pathOf(team, name), manifest);
    assert.ok(answer.status < 300, message(answer));
  };
  const remove = (team: Team, name: string) => plane.client.request('DELETE', pathOf(team, name));
  const accepted = async (team: Team, name: string, expected: string) => {
    let last: { status: string; reason: string; message: string } | undefined;
    const holds = async () => {
      const { metadata, status } = (await plane.client.request('GET', pathOf(team, name))).body;
      last = (status?.conditions ?? []).find(
        (one: { type: string; observedGeneration: number }) =>
          one.type === 'Accepted' && one.observedGeneration === metadata.generation,
      );
      return last !== undefined && `${last.status} ${last.reason}` === expected;
    };
    await eventually(holds, `Accepted of ${team}/${name}: ${expected}`);
    return last?.message ?? '';
  };
  const login = async (place: string) => {
    const headers = { authorization: 'Bearer of-a-client' };
    const response = await fetch(`${address}${place}`, { method: 'POST', headers, body: 'password' });
    return `${response.status} ${await response.text()}`;
  };
  const answers = (place: string, expected: RegExp) =>
    eventually(async () => expected.test(await login(place)), `${place}: ${expected}`);
  const eventsIn = async (team: Team, reason: string) => {
    const { items } = (await plane.client.request('GET', `/apis/events.k8s.io/v1/namespaces/${team}/events`)).body;
    return items.filter((one: { reason: string }) => one.reason === reason);
  };

  it('gives no request to a team below whose path another one declares a route', async () => {
    await apply('green', 'shop', { path: '/green/*' });
    await answers('/green/login', /^200 green$/);
    await accepted('green', 'shop', 'True Valid');
    await apply('blue', 'steal', { path: '/green/login', method: 'POST' });
    const told = await accepted('blue', 'steal', 'False RouteNotAllowed');
    assert.match(told, /not for the namespace "blue"/);
    assert.doesNotMatch(told, /shop|namespace "green"/);
    assert.match(await accepted('green', 'shop', 'True RouteContested'), /The namespace "blue" declared a route/);
    assert.equal(await login('/green/login'), '200 green');
    assert.deepEqual(arrived.get('blue'), []);
    await eventually(async () => (await eventsIn('blue', 'RouteNotAllowed')).length > 0, 'an Event at the refused');
    await eventually(async () => (await eventsIn('green', 'RouteContested')).length > 0, 'an Event at the owner');
  });

  it('lets in whom the owner names', async () => {
    await apply('green', 'shop', { path: '/green/*' }, { allowRoutesFrom: ['blue'] });
    await accepted('blue', 'steal', 'True Valid');
    await answers('/green/login', /^200 blue$/);
    await apply('green', 'shop', { path: '/green/*' });
    await accepted('blue', 'steal', 'False RouteNotAllowed');
    await answers('/green/login', /^200 green$/);
  });

  it('lets no older resource take what is in use by a younger one', async () => {
    await apply('blue', 'own', { path: '/blue/*' });
    await accepted('blue', 'own', 'True Valid');
    await answers('/blue/login', /^200 blue$/);
    await apply('green', 'shop', { path: '/blue/login' });
    await accepted('green', 'shop', 'False RouteNotAllowed');
    assert.equal(await login('/blue/login'), '200 blue');
    // What it had before it keeps.
    assert.equal(await login('/green/login'), '200 green');
    await apply('green', 'shop', { path: '/green/*' });
    await accepted('green', 'shop', 'True RouteContested');
  });

  it('gives to others what is gone', async () => {
    await remove('green', 'shop');
    await accepted('blue', 'steal', 'True Valid');
    await answers('/green/login', /^200 blue$/);
  });

  it('keeps what the installation assigned, also while nobody is there', async () => {
    await apply('blue', 'red', { path: '/red/login' });
    await accepted('blue', 'red', 'False RouteNotAllowed');
    assert.match(await login('/red/login'), /^404 /);
    await apply('red', 'web', { path: '/red/*' });
    await answers('/red/login', /^200 red$/);
    await accepted('red', 'web', 'True RouteContested');
  });
});
