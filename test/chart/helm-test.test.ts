// What `helm test` does, on a platform that runs here: the chart's own resources
// and the chart's own probe.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { API_VERSION } from '../../resources/kinds/index.ts';
import { type Platform, startPlatform } from '../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { CHART, type Manifest, only, render } from './helm.ts';

describe("the chart's test", () => {
  let manifests: readonly Manifest[];
  let platform: Platform | undefined;

  before(async () => {
    manifests = await render();
  });
  afterEach(async () => {
    await platform?.close(1000);
    platform = undefined;
    removeTempFolders();
  });

  const start = async (port: number, leaveOut?: string) => {
    const resources = manifests
      .filter(({ apiVersion, kind }) => apiVersion === API_VERSION && kind !== leaveOut)
      .map(({ metadata, ...rest }) => ({ ...rest, metadata: { name: metadata.name } }));
    const text = resources.map(resource => stringify(resource)).join('---\n');
    const directory = tempFolder({
      'app.yaml': text.replace(/http:\/\/tenfold-test\.[^/\s]*/, `http://127.0.0.1:${port}`),
    });
    const ports = { public: 0, internal: 0, admin: 0 };
    platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
    return platform.addresses.public;
  };

  const probe = async (address: string, port: number, seconds: number) => {
    const [{ env }] = only(manifests, 'Pod', 'tenfold-test').spec.containers;
    const url: string = env.find(({ name }: { name: string }) => name === 'EVENTS_URL').value;
    const child = spawn(process.execPath, [join(CHART, 'files/test/probe.mjs')], {
      env: { EVENTS_URL: url.replace(/^http:\/\/[^/]*/, address), PORT: String(port), SECONDS: String(seconds) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const [code] = await once(child, 'close');
    return { code, said };
  };

  it('ends well when an event has come through', async () => {
    const [port = 0] = await freePorts(1);
    const { code, said } = await probe(await start(port), port, 60);
    assert.equal(code, 0, said);
    assert.match(said, /^An event came through/);
  });

  it('fails when nothing delivers it, and says what was answered last', async () => {
    const [port = 0] = await freePorts(1);
    const { code, said } = await probe(await start(port, 'Subscription'), port, 3);
    assert.equal(code, 1);
    assert.match(said, /^No event came through within 3 s\. .* last answer: 204/);
  });

  it('fails when there is no route, and says so', async () => {
    const [port = 0] = await freePorts(1);
    const { code, said } = await probe(await start(port, 'Api'), port, 3);
    assert.equal(code, 1);
    assert.match(said, /last answer: 404 .*problem|last answer: 404 \{/);
  });

  it('has a route whose path nobody can guess, for it is public while it runs', async () => {
    const paths = [manifests, await render()].map(each => only(each, 'Api').spec.basePath);
    assert.match(paths[0], /^\/tenfold-test\/[A-Za-z0-9]{24}$/);
    assert.notEqual(paths[0], paths[1]);
  });
});
