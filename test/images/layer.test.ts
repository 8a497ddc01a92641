// Layers of images: the same files give the same digest, and tar reads back what went in.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { createLayer, digestOf, type LayerFile } from '../../images/layer.ts';

const text = (content: string) => new TextEncoder().encode(content);

const files: readonly LayerFile[] = [
  { path: '/app/b/run', content: text('#!'), mode: 0o755 },
  { path: '/app/a.txt', content: text('a') },
  { path: '/data', mode: 0o750, owner: 65_532 },
  { path: '/app/link', link: 'a.txt' },
  { path: `/app/${'long/'.repeat(60)}name`, content: text('deep') },
];

describe('a layer', () => {
  it('has the same digest whatever the order of its files, and another one for other content', async () => {
    const one = await createLayer(files);
    const other = await createLayer(files.toReversed());
    assert.equal(one.digest, other.digest);
    const changed = await createLayer([...files.slice(1), { path: '/app/b/run', content: text('#?'), mode: 0o755 }]);
    assert.notEqual(one.digest, changed.digest);
  });

  it('says the digest of what is compressed and of what is not', async () => {
    const layer = await createLayer(files);
    assert.equal(layer.digest, digestOf(layer.bytes));
    assert.equal(layer.diffId, digestOf(gunzipSync(layer.bytes)));
  });

  it('has every file with its content, mode and owner, after the folders that it is in, and no time', async () => {
    const layer = await createLayer(files);
    const entries = await unpackTar(gunzipSync(layer.bytes));
    const names = entries.map(({ header }) => header.name);
    assert.deepEqual(names.slice(0, 4), ['app/', 'app/a.txt', 'app/b/', 'app/b/run']);
    for (const name of names) {
      const folder = name.replace(/[^/]+\/?$/, '');
      assert.ok(folder === '' || names.indexOf(folder) < names.indexOf(name), `${folder} is not before ${name}`);
    }
    const of = (name: string) => entries.find(({ header }) => header.name === name);
    assert.equal(of('app/b/run')?.header.mode, 0o755);
    assert.equal(of('data/')?.header.uid, 65_532);
    assert.equal(of('app/link')?.header.linkname, 'a.txt');
    assert.deepEqual(of(`app/${'long/'.repeat(60)}name`)?.data, text('deep'));
    assert.ok(entries.every(({ header }) => header.mtime?.getTime() === 0));
  });

  for (const path of ['relative', '/app/../etc/passwd']) {
    it(`refuses ${path}`, async () => {
      await assert.rejects(createLayer([{ path, content: text('') }]), /no absolute path/);
    });
  }

  it('refuses a path that comes twice', async () => {
    await assert.rejects(createLayer([{ path: '/a' }, { path: '/a' }]), /twice/);
  });
});
