// Two teams with a listener each in one installation, as a cluster has them: both have every path,
// neither is told of the other, and statuses say who is served where.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { API_VERSION } from '../../../resources/kinds/index.ts';
import { type AllowedRoutes, createListeners } from '../../../resources/ownership/listeners.ts';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import type { ControlPlane } from '../control-plane.ts';
import { BUILD_AND_START_MS, message } from '../installed-crds.ts';
import { type RunningOperator, runOperator, startPlane } from '../operator/operators.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

const TEAMS = ['green', 'blue', 'red', 'nobody'] as const;
type Team = (typeof TEAMS)[number];
/** Red has the public one; for the last one there is none. */
const PUBLIC: AllowedRoutes = { name: 'public', namespaces: ['red'], hosts: undefined };
const OTHERS = [
  { name: 'green', namespaces: ['green'], hosts: undefined },
  { name: 'blue', namespaces: ['blue'], hosts: ['127.0.0.1', 'blue.example'] },
];

describe('Listeners of teams in a cluster', () => {
  let plane: ControlPlane;
  let operator: RunningOperator;
  let serving: ServingProcess;
  let upstream: Server;
  let origin = '';
  let at: Readonly<Record<string, string>> = {};

  before(async function () {
    this.timeout(BUILD_AND_START_MS);
    plane = await startPlane();
    for (const team of TEAMS) {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: team } };
      await plane.client.apply(`/api/v1/namespaces/${team}`, namespace);
    }
    upstream = createServer((request, response) => {
      request.resume().on('end', () => response.end(request.url));
    });
    origin = await listen(upstream, '127.0.0.1', 0);
    operator = runOperator(plane, { routeListeners: createListeners([PUBLIC, ...OTHERS]) });
    const env = {
      TENFOLD_PUBLIC_NAMESPACES: 'red',
      TENFOLD_LISTENERS: JSON.stringify(OTHERS.map(one => ({ ...one, port: 0 }))),
    };
    serving = startServing(plane, { role: 'serve', env });
    const { public: address, listeners } = await serving.addresses();
    at = { ...listeners, public: address };
    await operator.synced;
  });
  after(async () => {
    await serving?.end('SIGKILL');
    await operator?.close();
    if (upstream) await closeServer(upstream, realWorld, 0);
    await plane?.close();
    removeTempFolders();
  });

  const pathOf = (team: Team, name: string) => `/apis/${API_VERSION}/namespaces/${team}/apis/${name}`;
  const apply = async (team: Team, name: string, path: string, more: object = {}) => {
    const routes = [{ match: { path }, request: { path: `/of-${team}` }, to: { url: origin } }];
    const manifest = {
      apiVersion: API_VERSION,
      kind: 'Api',
      metadata: { name, namespace: team },
      spec: { ...more, routes },
    };
    const answer = await plane.client.apply(pathOf(team, name), manifest);
    assert.ok(answer.status < 300, message(answer));
  };
  const says = async (team: Team, name: string, expected: string, listeners: readonly string[]) => {
    let last = '';
    let said = '';
    await eventually(async () => {
      const { metadata, status } = (await plane.client.request('GET', pathOf(team, name))).body;
      const found = (status?.conditions ?? []).find(
        (one: { type: string; observedGeneration: number }) =>
          one.type === 'Accepted' && one.observedGeneration === metadata.generation,
      );
      said = found?.message ?? '';
      last = JSON.stringify([found && `${found.status} ${found.reason}`, status?.listeners]);
      return last === JSON.stringify([expected, listeners]);
    }, `${team}/${name}: ${expected} at ${listeners}`);
    return said;
  };
  const ask = async (listener: string, path: string) => {
    const response = await fetch(`${at[listener]}${path}`);
    return response.status === 200 ? response.text() : String(response.status);
  };

  it('have the same paths, each for its team', async () => {
    for (const team of ['green', 'blue', 'red'] as const) {
      await apply(team, 'shop', '/*');
      await says(team, 'shop', 'True Valid', [team === 'red' ? 'public' : team]);
    }
    for (const [listener, team] of [
      ['green', 'green'],
      ['blue', 'blue'],
      ['public', 'red'],
    ] as const) {
      await eventually(async () => (await ask(listener, '/login')) === `/of-${team}`, `${listener} leads to ${team}`);
    }
  });

  it('meet no route of another team, and tell neither of the other', async () => {
    await apply('blue', 'steal', '/green/login');
    await says('blue', 'steal', 'True Valid', ['blue']);
    await eventually(async () => (await ask('blue', '/green/login')) === '/of-blue', 'blue has it at its own listener');
    assert.equal(await ask('green', '/green/login'), '/of-green');
    await says('green', 'shop', 'True Valid', ['green']);
  });

  it('say where none of them is for a namespace, or for the hosts of a route', async () => {
    await apply('nobody', 'shop', '/nobody');
    assert.match(
      await says('nobody', 'shop', 'True NotAllowedByListeners', []),
      /No listener serves the namespace "nobody"/,
    );
    for (const listener of ['public', 'green', 'blue'])
      assert.notEqual(await ask(listener, '/nobody'), '/of-nobody', listener);
    await apply('blue', 'elsewhere', '/else', { hosts: ['green.example'] });
    await says('blue', 'elsewhere', 'True NoMatchingListenerHostname', []);
    const { items } = (await plane.client.request('GET', '/apis/events.k8s.io/v1/namespaces/nobody/events')).body;
    assert.ok(
      items.some(
        ({ reason, type }: { reason: string; type: string }) =>
          reason === 'NotAllowedByListeners' && type === 'Warning',
      ),
    );
  });
});
