// `tenfold build` as a shell starts it: images that a registry takes, the same
// twice, and what runs in them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { realWorld } from '../../../core/world.ts';
import { appendLayer, emptyImage, type Image } from '../../../images/image.ts';
import { createLayer } from '../../../images/layer.ts';
import { readArchive } from '../../../images/read-archive.ts';
import { pullImages } from '../../../images/registry/pull.ts';
import { parseReference } from '../../../images/registry/reference.ts';
import { createRegistryClient } from '../../../images/registry/registry-client.ts';
import { writeArchive } from '../../../images/write-archive.ts';
import { change, writeShop } from '../../cluster/apply/shop.ts';
import { eventually } from '../../eventually.ts';
import { startRegistry, type TestRegistry } from '../../images/registry.ts';
import { runCli } from '../run-cli.ts';

const MAIN = new URL('../../../runtime/main.ts', import.meta.url).pathname;

describe('tenfold build', () => {
  let registry: TestRegistry;
  let folder: string;
  let base: string;

  before(async () => {
    registry = await startRegistry();
    folder = await writeShop();
    base = join(dirname(folder), 'base.tar');
    const layer = await createLayer([{ path: '/usr/bin/node', content: new TextEncoder().encode('of the base') }]);
    const Labels = { 'org.opencontainers.image.version': 'of the base', 'com.example.kept': 'yes' };
    const of = (architecture: string): Image =>
      appendLayer(
        emptyImage({ os: 'linux', architecture }, { User: '65532', Entrypoint: ['/usr/bin/node'], Labels }),
        layer,
      );
    await writeFile(base, await writeArchive('tenfold/function:test', [of('amd64'), of('arm64')]));
  });
  after(async () => {
    await registry?.close();
    if (folder) await rm(dirname(folder), { recursive: true, force: true });
  });

  const built = async (...words: string[]) => {
    const { code, stdout, stderr } = await runCli(['build', folder, '--base', base, '--output', 'json', ...words]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout)[0] as { image: string; digest: string; uploadedBytes: number; tar: string };
  };
  const pull = async (reference: string) => {
    const { signal } = new AbortController();
    const settings = { world: realWorld, pause, signal, credentials: undefined, insecure: false };
    const client = createRegistryClient(parseReference(reference), 'pull', settings);
    try {
      const images = await pullImages(client);
      return await Promise.all(
        images.map(async image => ({ image, code: (await image.layers.at(-1)?.read()) as Uint8Array })),
      );
    } finally {
      await client.close();
    }
  };

  it('pushes an image of a function for every platform of its base, called after its code', async () => {
    const { image, digest } = await built('--push', `${registry.host}/shop`);
    assert.match(image, new RegExp(`^${registry.host}/shop/orders:[0-9a-f]{10}$`));
    const pulled = await pull(`${registry.host}/shop/orders@${digest}`);
    assert.deepEqual(
      pulled.map(({ image: one }) => one.platform.architecture),
      ['amd64', 'arm64'],
    );
    for (const { image: one } of pulled) {
      assert.equal(one.config.User, '65532');
      assert.deepEqual(one.config.Entrypoint, ['/usr/bin/node']);
      assert.deepEqual(one.config.Env, ['TENFOLD_FUNCTION=/function/function.mjs.gz', 'TENFOLD_FUNCTION_NAME=orders']);
    }
  });

  it('says in labels what it is and which base it stands on, and nothing that holds of the base alone', async () => {
    const { image } = await built('--push', `${registry.host}/shop`);
    const bases = await readArchive(await readFile(base), base);
    const pulled = await pull(image);
    assert.deepEqual(
      pulled.map(({ image: one }) => one.config.Labels),
      bases.map(({ digest }) => ({
        'com.example.kept': 'yes',
        'org.opencontainers.image.title': 'orders',
        'org.opencontainers.image.base.digest': digest,
      })),
    );
    assert.match(bases[0]?.digest ?? '', /^sha256:/);
  });

  it('gives the same digest again, from another folder, and sends nothing; and another one for other code', async () => {
    const first = await built('--push', `${registry.host}/shop`);
    const elsewhere = await writeShop();
    try {
      const { code, stdout, stderr } = await runCli([
        'build',
        elsewhere,
        '--base',
        base,
        '--push',
        `${registry.host}/shop`,
        '--output',
        'json',
      ]);
      assert.equal(code, 0, stderr);
      const [again] = JSON.parse(stdout);
      assert.equal(again.digest, first.digest);
      assert.equal(again.uploadedBytes, 0);
    } finally {
      await rm(dirname(elsewhere), { recursive: true, force: true });
    }
    await change(folder, { 'price.ts': 'export const price = (count: number): number => count * 5;\n' });
    const other = await built('--push', `${registry.host}/shop`);
    assert.notEqual(other.digest, first.digest);
    assert.ok(other.uploadedBytes > 0 && other.uploadedBytes < 20_000, `${other.uploadedBytes} bytes`);
  });

  it('says how an image is run so that it is restarted when it hangs', async () => {
    const { code, stderr } = await runCli(['build', folder, '--base', base, '--push', `${registry.host}/shop`]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Next: name each in a Function with "spec: \{ image: …, probes: \{\} \}"/m);
  });

  it('writes a tar of one platform', async () => {
    const { tar } = await built('--tar', join(folder, 'images'), '--platform', 'linux/arm64', '--tag', '1.4');
    const [image, ...others] = await readArchive(await readFile(tar), tar);
    assert.deepEqual(others, []);
    assert.equal(image?.platform.architecture, 'arm64');
  });

  it('puts code into it that the runtime runs, with errors at the places of the sources', async () => {
    await change(folder, {
      'orders.ts': `import { http } from 'tenfold';\nimport { price } from './price.ts';\nexport default http(() => ({ price: price(2) }));\n`,
      'price.ts': `export const price = (count: number): number => {\n  if (count > 1) throw new Error('sold out');\n  return count;\n};\n`,
    });
    const { image } = await built('--push', `${registry.host}/shop`);
    const [one] = await pull(image);
    assert.ok(one);
    const root = join(folder, 'root');
    const [entry] = (await unpackTar(gunzipSync(one.code))).filter(({ data }) => data !== undefined);
    assert.equal(entry?.header.name, 'function/function.mjs.gz');
    await mkdir(join(root, 'function'), { recursive: true });
    const file = join(root, entry.header.name);
    await writeFile(file, entry.data ?? '');
    const env = {
      PATH: process.env['PATH'],
      PORT: '0',
      TENFOLD_HOST: '127.0.0.1',
      TENFOLD_FUNCTION: file,
      TENFOLD_LOG_LEVEL: 'debug',
    };
    const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...flags, MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let output = '';
      child.stdout.setEncoding('utf8').on('data', text => {
        output += text;
      });
      const lines = () =>
        output
          .split('\n')
          .filter(line => line.startsWith('{'))
          .map(line => JSON.parse(line));
      await eventually(() => lines().some(({ message }) => message === 'ready'), 'it listens');
      const { port } = lines().find(({ message }) => message === 'ready');
      assert.equal((await fetch(`http://127.0.0.1:${port}/_/health`)).status, 200);
      assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 500);
      await eventually(() => output.includes('sold out'), 'the error is in the log');
      assert.match(output, /\/function\/price\.ts:2:\d+/);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('says what is missing: where to put images, a base, a function', async () => {
    const nowhere = await runCli(['build', folder]);
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.stderr, /--push REPOSITORY, --tar FOLDER/);
    const noBase = await runCli(['build', folder, '--tar', folder, '--base', `${registry.host}/none:1`]);
    assert.equal(noBase.code, 3);
    assert.match(noBase.stderr, /base image .* cannot be read.*\nNext: name another one with --base/);
    const noFile = await runCli(['build', folder, '--tar', folder, '--base', './none.tar']);
    assert.match(noFile.stderr, /There is no file .*none\.tar/);
    const noFunction = await runCli(['build', folder, '--tar', folder, '--base', base, '--function', 'menu']);
    assert.match(noFunction.stderr, /no Function "menu"/);
  });
});
