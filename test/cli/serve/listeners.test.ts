// `tenfold serve` with listeners of two teams: each at its port, by HTTPS where it has a
// certificate; what is wrong in the configuration is refused.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { closeServer, listen } from '../../../core/http/http-server.ts';
import { realWorld } from '../../../core/world.ts';
import { first } from '../../fixtures/tls/certificates.ts';
import { endApplications, FREE_PORTS, startApplication } from '../application.ts';
import { runCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';
import { until } from '../until.ts';

const LISTENING = /"addresses":(\{.*?\}\})/;

const CONFIG = `listeners:
  - name: green
    port: 0
    namespaces: [green]
    certificate: { cert: green.crt, key: green.key }
  - name: blue
    port: 0
    namespaces: [blue]
    hosts: [localhost, 127.0.0.1]
    connections: { max: 50 }
`;

describe('tenfold serve with listeners of teams', () => {
  let upstream: Server;
  let app = '';
  before(async () => {
    upstream = createServer((request, response) => response.end(request.url));
    const origin = await listen(upstream, '127.0.0.1', 0);
    app = ['green', 'blue', 'web']
      .map(
        namespace => `apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: login, namespace: ${namespace} }
spec:
  routes:
    - match: { path: /login }
      request: { path: /of-${namespace} }
      to: { url: ${origin} }
`,
      )
      .join('---\n');
  });
  after(() => closeServer(upstream, realWorld, 0));
  afterEach(() => {
    endApplications();
    removeTempFolders();
  });

  const folderWith = (config: string) =>
    tempFolder({
      'app.yaml': app,
      'conf/tenfold.yml': config,
      'conf/green.crt': first.cert,
      'conf/green.key': first.key,
    });
  const configOf = (folder: string) => ['--config', join(folder, 'conf/tenfold.yml')];

  it('leads the same path at each of three ports to the team of that port, and tells where they are', async () => {
    const folder = folderWith(CONFIG);
    const { stdout, end } = await startApplication(['serve', folder, ...configOf(folder)], folder, LISTENING);
    const { addresses } = stdout()
      .split('\n')
      .filter(line => line.includes('"listening"'))
      .map(line => JSON.parse(line))[0];
    const text = async (address: string) => (await fetch(`${address}/login`)).text();
    assert.equal(await text(addresses.public), '/of-web');
    assert.equal(await text(addresses.listeners.blue), '/of-blue');
    assert.match(addresses.listeners.green, /^https:/);
    const secret = await new Promise<string>((resolve, reject) => {
      get(`${addresses.listeners.green}/login`, { ca: first.cert, servername: 'localhost' }, answer => {
        answer.setEncoding('utf8').on('data', resolve);
      }).on('error', reject);
    });
    assert.equal(secret, '/of-green');
    await until('all are logged', () => stdout().split('"message":"request"').length === 4);
    const logged = stdout().match(/"listener":"\w+"/g);
    assert.deepEqual(logged?.toSorted(), ['"listener":"blue"', '"listener":"green"', '"listener":"public"']);
    const { stdout: routes } = await runCli(['routes'], { cwd: folder });
    assert.match(routes, /LISTENERS/);
    assert.match(routes, /\/login +blue +blue +api\/login/);
    assert.equal(await end('SIGTERM'), 0);
  });

  it('is found valid with that configuration, and not where all share a port', async () => {
    const folder = folderWith(CONFIG);
    const apart = await runCli(['validate', folder, '--strict', ...configOf(folder)], { cwd: folder });
    assert.deepEqual([apart.code, apart.stdout], [0, '']);
    const together = await runCli(['validate', folder], { cwd: folder });
    assert.equal(together.code, 1);
    assert.match(together.stdout, /Hosts and paths belong to one namespace/);
    const unserved = folderWith(
      CONFIG.replace('[blue]', '[other]').replace('listeners:', 'public: { namespaces: [web] }\nlisteners:'),
    );
    const warned = await runCli(['validate', unserved, ...configOf(unserved)], { cwd: unserved });
    assert.equal(warned.code, 0);
    assert.match(warned.stdout, /No listener serves the namespace "blue"/);
  });

  it('does not start with a certificate that is not there', async () => {
    const folder = folderWith(CONFIG.replace('green.crt', 'none.crt'));
    const { code, stderr } = await runCli(['serve', folder, ...FREE_PORTS, ...configOf(folder)], { cwd: folder });
    assert.notEqual(code, 0);
    assert.match(stderr, /none\.crt/);
  });
});
