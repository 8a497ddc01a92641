// The images that scripts/images/Dockerfile makes by Docker: the same as those of `make images`,
// and they run as in a cluster, and end when they are asked to.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type ParsedTarEntryWithData, unpackTar } from 'modern-tar';
import { buildImage } from '../../scripts/images/build-images.ts';
import { imageCache } from '../../scripts/images/image-cache.ts';
import { type ImageName, runConfigs } from '../../scripts/images/run-configs.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { docker } from './docker.ts';
import { RESTRICTED } from './restricted.ts';
import { tenfold } from './tenfold.ts';

const tagOf = (name: ImageName) => `tenfold-test/${name}:${process.pid}`;

describe('images that Docker builds', function () {
  this.timeout(900_000);
  const containers: string[] = [];
  const volume = `tenfold-test-${process.pid}`;

  before(async () => {
    for (const name of ['platform', 'function'] as const)
      await docker(['build', '--file', 'scripts/images/Dockerfile', '--target', name, '--tag', tagOf(name), '.']);
  });
  afterEach(removeTempFolders);
  after(async () => {
    for (const id of containers) await docker(['rm', '--force', id]);
    await docker(['volume', 'rm', '--force', volume]);
    await docker(['image', 'rm', '--force', tagOf('platform'), tagOf('function')]);
  });

  const run = async (...args: readonly string[]) => {
    const id = await docker(['run', '--detach', ...RESTRICTED, ...args]);
    containers.push(id);
    return id;
  };
  const urlOf = async (id: string, port: number) => `http://${await docker(['port', id, `${port}/tcp`])}`;
  const answers = async (url: string) => (await fetch(url).catch(() => undefined))?.status === 200;
  const inside = (id: string, code: string) => docker(['exec', id, '/usr/bin/node', '--print', code]);
  const endOf = async (id: string) => {
    await docker(['stop', '--time', '30', id]);
    return await docker(['inspect', '--format', '{{.State.ExitCode}}', id]);
  };

  for (const name of ['platform', 'function'] as const) {
    it(`start what those of make images start: ${name}`, async () => {
      const [{ Config }] = JSON.parse(await docker(['image', 'inspect', tagOf(name)]));
      const { Cmd, ...config } = runConfigs[name];
      assert.deepEqual(Config.Cmd ?? undefined, Cmd);
      for (const [key, value] of Object.entries(config)) assert.deepEqual(Config[key], value, key);
    });

    it(`have the files of those of make images, and no others: ${name}`, async () => {
      const id = await docker(['create', tagOf(name)]);
      containers.push(id);
      const exported = join(tempFolder(), 'root.tar');
      await docker(['export', '--output', exported, id]);
      const { layers } = (await buildImage(name, '1.2.3', imageCache())).image;
      const own = await Promise.all(layers.map(async layer => await unpackTar(gunzipSync(await layer.read()))));
      assert.deepEqual(listOf(await unpackTar(await readFile(exported))), listOf(own.flat()));
    });
  }

  it('run the platform as nobody, over a volume and a root that cannot be written, and end when asked', async () => {
    const folder = tempFolder({
      'app.yaml': `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: notes }
spec: { key: "\${event.data.id}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: View
metadata: { name: notes }
spec:
  from: [notes]
  table: { key: "\${event.data.id}" }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: notes }
spec:
  routes:
    - { match: { method: POST, path: /notes }, to: { topic: notes } }
    - { match: { method: GET, path: /notes }, to: { view: notes } }
`,
    });
    // Nobody, who runs it, is to read it.
    await chmod(folder, 0o755);
    const id = await run(
      ...['--volume', `${volume}:/data`, '--volume', `${folder}:/app:ro`, '--env', 'TENFOLD_HOST=0.0.0.0'],
      ...['--publish', '127.0.0.1::8080', '--publish', '127.0.0.1::9090', tagOf('platform'), 'serve', '/app'],
    );
    const isReady = async () => await answers(`${await urlOf(id, 9090)}/readyz`);
    await eventually(isReady, 'it is ready');
    const sent = await fetch(`${await urlOf(id, 8080)}/notes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'one' }),
    });
    assert.ok(sent.ok, `${sent.status} ${await sent.text()}`);
    const isKept = async () => {
      const answer = await fetch(`${await urlOf(id, 8080)}/notes?key=one`).catch(() => undefined);
      return answer?.status === 200 && (await answer.text()).includes('"one"');
    };
    await eventually(isKept, 'the note is in its View');

    assert.equal(await inside(id, 'process.getuid()'), '65532');
    await assert.rejects(inside(id, "fs.writeFileSync('/written', '')"), /EROFS/);
    // Which of both it is depends on the version of Docker.
    await assert.rejects(docker(['exec', id, '/bin/sh', '-c', 'true']), ({ code }) => [126, 127].includes(code));
    assert.equal(await endOf(id), '0');

    await docker(['start', id]);
    await eventually(isReady, 'it is ready again');
    await eventually(isKept, 'the note is still there');
  });

  it('are bases of the images of functions, which run alike', async () => {
    const folder = tempFolder();
    const [base, tars] = [join(folder, 'function.tar'), join(folder, 'images')];
    await mkdir(tars);
    await docker(['save', '--output', base, tagOf('function')]);
    const greeter = ['build', 'test/fixtures/greeter', '--base', base, '--tar', tars, '--tag', `test-${process.pid}`];
    const [{ image }] = JSON.parse(await tenfold([...greeter, '--output', 'json']));
    await docker(['load', '--input', join(tars, 'greeter.tar')]);
    const id = await run('--env', 'VERSION=one', '--publish', '127.0.0.1::8080', image);
    const url = await urlOf(id, 8080);
    await eventually(() => answers(`${url}/readyz`), 'it is ready');
    assert.equal(JSON.parse(await (await fetch(url)).text()).version, 'one');
    assert.equal(await inside(id, 'process.getuid()'), '65532');
    assert.equal(await endOf(id), '0');
    await docker(['rm', id]);
    containers.pop();
    await docker(['image', 'rm', image]);
  });
});

/**
 * Each file with its mode, owner and content; without what Docker lays into every container, and
 * libraries, which are those of the machine that it was made on.
 */
function listOf(entries: readonly ParsedTarEntryWithData[]): readonly string[] {
  return entries
    .filter(({ header }) => header.type !== 'directory' || (header.uid ?? 0) !== 0)
    .filter(
      ({ header }) => !/^(\.dockerenv$|dev\/|proc\/|sys\/|etc\/(hosts|hostname|resolv\.conf|mtab)$)/.test(header.name),
    )
    .map(({ header: { name, mode = 0, uid = 0 }, data }) => {
      const isLibrary = /^(usr\/)?lib/.test(name) || name === 'usr/bin/node' || name.startsWith('etc/ssl/');
      const content = isLibrary
        ? 'of the machine'
        : createHash('sha256')
            .update(data ?? '')
            .digest('hex');
      return `${name} ${(mode & 0o7777).toString(8)} ${uid} ${content}`;
    })
    .sort();
}
