// What resources/load/load-directory.ts promises.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadDirectory } from '../../../resources/load/load-directory.ts';
import { validateDirectory } from '../../../resources/validate.ts';

const topic = (name: string) =>
  `apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: ${name} }\nspec: {}\n`;

describe('loading a folder', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold-load-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
  }

  const problemsOf = async () =>
    (await loadDirectory(folder)).problems.map(({ file, message }) => `${file.slice(folder.length + 1)}: ${message}`);

  it('reads .yaml, .yml and .json of all folders, but for hidden ones and node_modules', async () => {
    await write({
      'a.yaml': topic('a'),
      'sub/deep/b.yml': topic('b'),
      'c.json': '{"apiVersion":"tenfold.dev/v1alpha1","kind":"Topic","metadata":{"name":"c"},"spec":{}}',
      'd.txt': topic('d'),
      '.git/e.yaml': topic('e'),
      '.f.yaml': topic('f'),
      'node_modules/x/g.yaml': topic('g'),
      'package.json': '{"name":"tenfold-app"}',
      'docker-compose.yaml': 'services: {}\n',
    });
    const { resources, problems } = await loadDirectory(folder);
    assert.deepEqual(problems, []);
    assert.deepEqual(resources.all.map(({ metadata }) => metadata.name).sort(), ['a', 'b', 'c']);
  });

  it('follows links to files, as Kubernetes mounts them, and no links to folders', async () => {
    await write({ '..data/a.yaml': topic('a'), 'real/b.yaml': topic('b') });
    await symlink('..data/a.yaml', join(folder, 'a.yaml'));
    await symlink('real', join(folder, 'loop'));
    const { resources } = await loadDirectory(folder);
    assert.deepEqual(
      resources.all.map(({ metadata }) => metadata.name),
      ['a', 'b'],
    );
  });

  it('tells what is wrong in all files, sorted by place', async () => {
    await write({ 'b.yaml': `${topic('B!')}---\n${topic('_')}`, 'a.yaml': topic('x').replace('{}', '{ a: 1 }') });
    assert.deepEqual(
      (await loadDirectory(folder)).problems.map(({ file, line }) => [file.slice(folder.length + 1), line]),
      [
        ['a.yaml', 4],
        ['b.yaml', 3],
        ['b.yaml', 8],
      ],
    );
  });

  it('names both places of a resource that is declared twice', async () => {
    await write({ 'a.yaml': topic('same'), 'b.yaml': `${topic('other')}---\n${topic('same')}` });
    assert.deepEqual(await problemsOf(), [
      `a.yaml: The Topic "same" is declared in ${folder}/b.yaml:8:19 as well. Rename or remove one of the two.`,
      `b.yaml: The Topic "same" is declared in ${folder}/a.yaml:3:19 as well. Rename or remove one of the two.`,
    ]);
  });

  it('keeps resources of different kinds and namespaces apart', async () => {
    await write({ 'a.yaml': `${topic('a')}---\n${topic('a').replace('name: a', 'name: a, namespace: b')}` });
    assert.equal((await loadDirectory(folder)).resources.all.length, 2);
  });

  const encodings: readonly [name: string, bytes: Uint8Array, message: RegExp | undefined][] = [
    ['byte order mark', Buffer.from(`\ufeff${topic('a')}`), undefined],
    ['CRLF', Buffer.from(topic('a').replaceAll('\n', '\r\n')), undefined],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from(topic('a')), Buffer.from([0x23, 0xff, 0xc3, 0x28])]),
      /not valid UTF-8/,
    ],
    ['UTF-16', Buffer.from(`\ufeff${topic('a')}`, 'utf16le'), /UTF-16/],
    ['more than 4 MiB', Buffer.from(`${topic('a')}#${'x'.repeat(4 * 1024 * 1024)}`), /more than 4 MiB/],
  ];
  for (const [name, bytes, message] of encodings) {
    it(`${message ? 'refuses' : 'reads'} a file with ${name}`, async () => {
      await write({ 'a.yaml': bytes });
      const { resources, problems } = await loadDirectory(folder);
      if (!message) assert.deepEqual([resources.all.length, problems.length], [1, 0]);
      else assert.match(problems[0]?.message ?? 'accepted', message);
    });
  }

  it('leaves large and binary files of others alone', async () => {
    await write({ 'data.json': `[${'1,'.repeat(3_000_000)}1]`, 'image.yaml': Buffer.from([0xff, 0xfe, 0x00, 0xd8]) });
    assert.deepEqual(await problemsOf(), []);
  });

  it('rejects a folder that does not exist, and a file', async () => {
    await assert.rejects(loadDirectory(join(folder, 'nowhere')), /there is no such folder/);
    await write({ 'a.yaml': topic('a') });
    await assert.rejects(loadDirectory(join(folder, 'a.yaml')), /it is not a folder/);
  });

  it('warns about a folder without resources', async () => {
    const { problems } = await validateDirectory(folder);
    assert.deepEqual(
      problems.map(({ severity, file }) => [severity, file]),
      [['warning', folder]],
    );
  });

  it('does not report a resource as missing that is there but not valid', async () => {
    await write({
      'a.yaml': topic('t').replace('{}', '{ partitions: 0 }'),
      'b.yaml':
        'apiVersion: tenfold.dev/v1alpha1\nkind: Subscription\nmetadata: { name: s }\nspec: { topic: t, to: { url: "http://a" } }\n',
    });
    const { problems } = await validateDirectory(folder);
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['spec.partitions'],
    );
  });

  it('reads many more files than a process may have open', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `t${index}`);
    await write(Object.fromEntries(names.map(name => [`${name}.yaml`, topic(name)])));
    const module = JSON.stringify(new URL('../../../resources/load/load-directory.ts', import.meta.url));
    const program = `const { resources, problems } = await (await import(${module})).loadDirectory(process.argv[1]);
      console.log(JSON.stringify({ count: [...resources.all].length, problems: problems.slice(0, 3) }));`;
    const node = [process.execPath, '--conditions=tenfold-source', '--input-type=module', '-e', program, folder];
    const said = execFileSync('sh', ['-c', 'ulimit -n 200 && exec "$0" "$@"', ...node], { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(said), { count: names.length, problems: [] });
  });
});
