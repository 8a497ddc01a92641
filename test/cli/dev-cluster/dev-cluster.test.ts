// `tenfold dev --cluster` goes on where the server refuses or is away, until it is asked to stop.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../../eventually.ts';
import { collect, startCli } from '../run-cli.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const GOOD = 'apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: a }\nspec: { partitions: 1 }\n';
const WRONG = GOOD.replace('1 }', 'none }');

describe('tenfold dev --cluster', () => {
  let server: Server;
  let status: number;
  let child: ChildProcess | undefined;

  before(async () => {
    server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ kind: 'Status', message: 'not now' }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());
  afterEach(() => {
    child?.kill('SIGKILL');
    removeTempFolders();
  });

  /** `count` says how many events the process has printed whose JSON has this text. */
  function start(resources: string) {
    const { port } = server.address() as AddressInfo;
    const folder = tempFolder({ 'app.yaml': resources });
    const kubeconfig = join(tempFolder(), 'config');
    const cluster = { name: 'c', cluster: { server: `http://127.0.0.1:${port}` } };
    const contexts = [{ name: 'c', context: { cluster: 'c', user: 'u' } }];
    const users = [{ name: 'u', user: { token: 't' } }];
    const config = { apiVersion: 'v1', kind: 'Config', 'current-context': 'c', clusters: [cluster], contexts, users };
    writeFileSync(kubeconfig, JSON.stringify(config));
    const started = startCli(['dev', folder, '--cluster', '--kubeconfig', kubeconfig, '--output', 'json']);
    child = started;
    const exit = once(started, 'exit');
    const output = collect(started, 'stdout');
    const count = (text: string) => output().split(text).length - 1;
    const printed = async (text: string, times: number) => {
      await eventually(() => count(text) >= times || started.exitCode !== null, `${times} × ${text}`);
      assert.equal(started.exitCode, null, output());
    };
    const stop = async () => {
      started.kill('SIGTERM');
      assert.deepEqual(await exit, [0, null]);
    };
    return { file: join(folder, 'app.yaml'), printed, stop };
  }

  it('shows the mistakes of each saved file where it may not read logs', async () => {
    status = 403;
    const { file, printed, stop } = start(WRONG);
    await printed('logs are not shown', 1);
    await printed('"event":"refused"', 1);
    writeFileSync(file, WRONG.replace('none', 'few'));
    await printed('"event":"refused"', 2);
    await stop();
  });

  it('tries again while the server is away, and reads what was saved meanwhile', async () => {
    status = 503;
    const { file, printed, stop } = start(GOOD);
    await printed('it is tried again', 2);
    writeFileSync(file, WRONG);
    await printed('"event":"refused"', 1);
    await stop();
  });
});
