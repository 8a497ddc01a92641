// Images to a registry and back over the wire: what is sent once, in pieces, under a token,
// and when answers are lost.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { packTar } from 'modern-tar';
import { realWorld } from '../../core/world.ts';
import { appendLayer, emptyImage, type Image, INDEX_TYPE, writeImage } from '../../images/image.ts';
import { createLayer } from '../../images/layer.ts';
import { readArchive } from '../../images/read-archive.ts';
import type { Credentials } from '../../images/registry/credentials.ts';
import { pullImages } from '../../images/registry/pull.ts';
import { pushImages } from '../../images/registry/push.ts';
import { parseReference } from '../../images/registry/reference.ts';
import { createRegistryClient, type RegistryClient } from '../../images/registry/registry-client.ts';
import { writeArchive } from '../../images/write-archive.ts';
import { type Front, startFront, startRegistry, type TestRegistry } from './registry.ts';

const text = (content: string) => new TextEncoder().encode(content);
const base = emptyImage({ os: 'linux', architecture: 'amd64' }, { User: '65532', Env: ['PATH=/bin', 'A=1'] });

async function imageOf(content: Uint8Array, image = base): Promise<Image> {
  return appendLayer(image, await createLayer([{ path: '/data', content }]), { Env: ['A=2'] });
}

async function assertSameLayer(one: Image | undefined, other: Image): Promise<void> {
  const [a, b] = await Promise.all([one, other].map(image => image?.layers[0]?.read()));
  assert.ok(a && b && Buffer.compare(a, b) === 0, 'the layer is another one');
}

describe('An image and a registry', () => {
  let registry: TestRegistry;
  const open: (RegistryClient | Front)[] = [];

  before(async () => {
    registry = await startRegistry();
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  after(() => registry?.close());

  function clientOf(name: string, host = registry.host, credentials?: Credentials): RegistryClient {
    const { signal } = new AbortController();
    const settings = { world: realWorld, pause: (ms: number) => pause(ms / 100), signal, credentials, insecure: false };
    const client = createRegistryClient(parseReference(`${host}/${name}`), 'pull,push', settings);
    open.push(client);
    return client;
  }

  it('comes back as it was pushed', async () => {
    const image = await imageOf(text('hello'));
    const { digest, uploadedBytes } = await pushImages(clientOf('shop/orders:1'), [image]);
    assert.equal(digest, writeImage(image).manifest.digest);
    assert.ok(uploadedBytes > 0);
    const [pulled, ...others] = await pullImages(clientOf('shop/orders:1'));
    assert.deepEqual(others, []);
    assert.ok(pulled);
    assert.equal(writeImage(pulled).manifest.digest, digest);
    assert.deepEqual(pulled.config.Env, ['PATH=/bin', 'A=2']);
    await assertSameLayer(pulled, image);
  });

  it('is not sent again when it is there', async () => {
    const image = await imageOf(text('twice'));
    const first = await pushImages(clientOf('shop/twice:1'), [image]);
    const again = await pushImages(clientOf('shop/twice:2'), [image]);
    assert.equal(again.digest, first.digest);
    assert.equal(again.uploadedBytes, 0);
    assert.equal(again.skippedBytes, first.uploadedBytes);
  });

  it('of several platforms is one name, with a manifest for each', async () => {
    const arm = { ...base, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } };
    const images = [await imageOf(text('both')), await imageOf(text('both'), arm)];
    const { digest } = await pushImages(clientOf('shop/both:1'), images);
    const pulled = await pullImages(clientOf(`shop/both@${digest}`));
    assert.deepEqual(
      pulled.map(({ platform }) => platform),
      images.map(({ platform }) => platform),
    );
  });

  it('is sent in pieces when it is large', async () => {
    const image = await imageOf(randomBytes(40 * 1024 * 1024));
    const from = registry.asked.length;
    const { digest } = await pushImages(clientOf('shop/large:1'), [image]);
    assert.equal(registry.asked.slice(from).filter(call => call.startsWith('PATCH')).length, 2);
    const [pulled] = await pullImages(clientOf(`shop/large@${digest}`));
    await assertSameLayer(pulled, image);
  });

  for (const method of ['HEAD', 'POST', 'PUT']) {
    it(`arrives when the answer to the first ${method} is lost`, async () => {
      let lost = false;
      const front = await startFront(
        registry.host,
        () => false,
        ({ method: asked }) => {
          const now = asked === method && !lost;
          lost ||= now;
          return now;
        },
      );
      open.push(front);
      const image = await imageOf(text(`lost ${method}`));
      const { digest } = await pushImages(clientOf('shop/lost:1', front.host), [image]);
      assert.ok(lost);
      const [pulled] = await pullImages(clientOf(`shop/lost@${digest}`));
      await assertSameLayer(pulled, image);
    });
  }

  it('arrives at a registry that is busy at first', async () => {
    let busy = 2;
    const front = await startFront(registry.host, (_, response) => {
      if (busy-- <= 0) return false;
      response.writeHead(503, { 'retry-after': '0' }).end();
      return true;
    });
    open.push(front);
    await pushImages(clientOf('shop/busy:1', front.host), [await imageOf(text('busy'))]);
  });

  it('is pushed with a token that the registry’s authority gives for a password, and not without', async () => {
    const scopes: (string | null)[] = [];
    const expected = `Basic ${Buffer.from('dora:s3cret').toString('base64')}`;
    const front: Front = await startFront(registry.host, ({ url = '', headers }, response) => {
      if (url.startsWith('/token')) {
        scopes.push(new URL(url, 'http://x').searchParams.get('scope'));
        if (headers.authorization === expected) response.end(JSON.stringify({ token: 'given' }));
        else response.writeHead(401).end();
        return true;
      }
      if (headers.authorization === 'Bearer given') return false;
      const realm = `http://${front.host}/token`;
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="test"` }).end();
      return true;
    });
    open.push(front);
    const image = await imageOf(text('secret'));
    await pushImages(clientOf('shop/secret:1', front.host, { username: 'dora', password: 's3cret' }), [image]);
    assert.deepEqual(scopes, ['repository:shop/secret:pull,push']);
    const wrong = clientOf('shop/secret:1', front.host, { username: 'dora', password: 'wrong' });
    await assert.rejects(pushImages(wrong, [image]), /did not take the credentials.*docker login/);
  });

  it('that is not there is said so', async () => {
    await assert.rejects(
      pullImages(clientOf('shop/none:1')),
      /Reading shop\/none:1: .* refused it: .*(NAME|MANIFEST)_UNKNOWN/,
    );
  });

  it('is the same in a tar', async () => {
    const arm = { ...base, platform: { os: 'linux', architecture: 'arm64' } };
    for (const images of [
      [await imageOf(text('tar'))],
      [await imageOf(text('tar')), await imageOf(text('tar'), arm)],
    ]) {
      const archive = await writeArchive('shop/orders:1', images);
      assert.deepEqual(await writeArchive('shop/orders:1', images), archive);
      const read = await readArchive(archive, 'orders.tar');
      assert.deepEqual(
        read.map(image => writeImage(image).manifest.digest),
        images.map(image => writeImage(image).manifest.digest),
      );
    }
    await assert.rejects(readArchive(text('no tar'), 'orders.tar'), /orders\.tar is no/);
  });

  it('that is damaged or made by a stranger is refused by name, whatever is in the tar', async () => {
    const self = { mediaType: INDEX_TYPE, digest: `sha256:${'a'.repeat(64)}`, size: 1, platform: { os: 'linux' } };
    const index = (content: string) => ({ header: { name: 'index.json', size: content.length }, body: content });
    const blob = (content: string) => ({
      header: { name: `blobs/sha256/${'a'.repeat(64)}`, size: content.length },
      body: content,
    });
    const whole = JSON.stringify({ manifests: [self] });
    for (const content of [
      '',
      '{',
      'null',
      '[]',
      '{"manifests":1}',
      '{"manifests":[{}]}',
      '{"manifests":[null]}',
      whole,
    ])
      await assert.rejects(
        packTar([index(content)]).then(tar => readArchive(tar, 'orders.tar')),
        { name: 'TenfoldError', code: 'bad-request', message: /orders\.tar/ },
        content,
      );
    for (const content of ['{', '{"config":1}', '{"layers":[1]}', JSON.stringify({ manifests: [self] })])
      await assert.rejects(
        packTar([index(whole), blob(content)]).then(tar => readArchive(tar, 'orders.tar')),
        { name: 'TenfoldError', code: 'bad-request', message: /orders\.tar/ },
        content,
      );
  });
});
