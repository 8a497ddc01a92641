// What resources/catalog/file-catalog.ts promises.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { realWorld } from '../../../core/world.ts';
import type { Acceptor, Catalog } from '../../../resources/catalog/catalog.ts';
import { createFileCatalog } from '../../../resources/catalog/file-catalog.ts';

const topic = (name: string, spec = '{}') =>
  `apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: ${name} }\nspec: ${spec}\n`;

/** Far longer than following a change takes: only a failing test waits for so long. */
const WITHIN_MS = 2 * 60_000;
let folder: string;
let catalog: Catalog | undefined;
let log: string[];

async function write(name: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}

const acceptAll: Acceptor = () => ({ problems: [], commit: () => log.push('commit') });

async function start(accept: Acceptor = acceptAll, watch = true): Promise<Catalog> {
  catalog = await createFileCatalog({
    world: realWorld,
    directory: folder,
    watch,
    accept,
    events: {
      accepted: ({ generation, resources }) => log.push(`accepted ${generation}: ${names(resources.all)}`),
      refused: problems => log.push(`refused: ${problems.map(({ path }) => path).join(', ')}`),
    },
  });
  return catalog;
}

const names = (all: readonly { readonly metadata: { readonly name: string } }[]) =>
  all.map(one => one.metadata.name).join(' ');

async function until(line: string | RegExp): Promise<void> {
  const end = performance.now() + WITHIN_MS;
  while (!log.some(each => (typeof line === 'string' ? each === line : line.test(each)))) {
    assert.ok(performance.now() < end, `"${line}" never came; what came: ${JSON.stringify(log)}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

const changes: readonly [name: string, change: () => Promise<void>, line: string][] = [
  ['a new file', () => write('b.yaml', topic('b')), 'accepted 2: a b'],
  ['a new file in new folders', () => write('x/y/b.yaml', topic('b')), 'accepted 2: a b'],
  ['a removed file', () => rm(join(folder, 'a.yaml')), 'accepted 2: '],
  [
    'a folder that is renamed to a hidden one',
    () => rename(join(folder, 'sub'), join(folder, '.sub')),
    'accepted 2: a',
  ],
  [
    'a file that replaces another, as editors save',
    () => write('a.tmp', topic('a2')).then(() => rename(join(folder, 'a.tmp'), join(folder, 'a.yaml'))),
    'accepted 2: a2',
  ],
];

function useFolder(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenfold.catalog-'));
    log = [];
  });
  afterEach(async () => {
    await catalog?.close();
    catalog = undefined;
    await rm(folder, { recursive: true, force: true });
  });
}

describe('the catalog of a folder', () => {
  useFolder();

  it('has read the folder when it is made', async () => {
    await write('a.yaml', topic('a'));
    const { current, problems } = await start();
    assert.deepEqual(log, ['commit', 'accepted 1: a']);
    assert.deepEqual([current?.generation, current?.warnings, problems], [1, [], []]);
  });

  it('has nothing in force as long as nothing was ever valid, and goes on watching', async () => {
    await write('a.yaml', topic('a', '{ partitions: 0 }'));
    const made = await start();
    assert.deepEqual(log, ['refused: spec.partitions']);
    assert.deepEqual([made.current], [undefined]);
    assert.equal(made.problems[0]?.path, 'spec.partitions');
    await write('a.yaml', topic('a'));
    await until('accepted 1: a');
    assert.equal(made.current?.generation, 1);
    assert.deepEqual(made.problems, []);
  });

  it('keeps what is in force when a change is bad, and tells why', async () => {
    await write('a.yaml', topic('a'));
    const made = await start();
    const before = made.current;
    await write('a.yaml', topic('a', '{ partitions: 0 }'));
    await until('refused: spec.partitions');
    assert.equal(made.current, before);
    assert.equal(made.problems.length, 1);
    await write('a.yaml', topic('a2'));
    await until('accepted 2: a2');
  });

  it('refuses what cannot be compiled aside, and never commits it', async () => {
    await write('a.yaml', topic('a'));
    const problem = {
      severity: 'error',
      file: 'a.yaml',
      line: 1,
      column: 1,
      path: 'spec.compiled',
      message: 'no',
    } as const;
    const made = await start(resources =>
      resources.get('Topic', 'default', 'bad')
        ? { problems: [problem], commit: () => assert.fail() }
        : acceptAll(resources),
    );
    await write('b.yaml', topic('bad'));
    await until('refused: spec.compiled');
    assert.equal(made.current?.generation, 1);
    assert.deepEqual(made.problems, [problem]);
  });

  it('survives an acceptor that throws', async () => {
    await write('a.yaml', topic('a'));
    const made = await start(resources => {
      if (resources.get('Topic', 'default', 'bad')) throw new Error('broken');
      return acceptAll(resources);
    });
    await write('b.yaml', topic('bad'));
    await until('refused: ');
    assert.match(made.problems[0]?.message ?? '', /broken/);
    await write('b.yaml', topic('good'));
    await until('accepted 2: a good');
  });

  it('keeps warnings with the snapshot', async () => {
    await write('a.yaml', `${topic('a')}---\napiVersion: v1\nkind: Secret\n`);
    const made = await start();
    assert.deepEqual(
      made.current?.warnings.map(({ severity }) => severity),
      ['warning'],
    );
    assert.deepEqual(made.problems, made.current?.warnings);
  });
  for (const [name, change, line] of changes) {
    it(`follows ${name}`, async () => {
      await write('a.yaml', topic('a'));
      if (name.includes('folder that is renamed')) await write('sub/b.yaml', topic('b'));
      await start();
      await change();
      await until(line);
    });
  }
});

describe('the catalog of a folder, and what it makes of changes', () => {
  useFolder();

  it('follows a burst of writes to its last, however many sets it makes of them', async () => {
    await write('a.yaml', topic('a'));
    const made = await start();
    for (let index = 0; index <= 20; index++) await write('a.yaml', topic(`a${index}`));
    await until(/^accepted \d+: a20$/);
    assert.deepEqual(made.problems, []);
  });

  it('follows changes in a folder that was made after the start', async () => {
    await start();
    await write('x/y/a.yaml', topic('a'));
    await until('accepted 2: a');
    await write('x/y/a.yaml', topic('a2'));
    await until('accepted 3: a2');
  });

  it('survives that the folder is replaced', async () => {
    await write('a.yaml', topic('a'));
    const made = await start();
    await rename(folder, `${folder}.old`);
    await until('refused: ');
    assert.match(made.problems[0]?.message ?? '', /no such folder/);
    assert.equal(made.current?.generation, 1);
    await write('b.yaml', topic('b'));
    await until('accepted 2: b');
    await write('b.yaml', topic('b2'));
    await until('accepted 3: b2');
    await rm(`${folder}.old`, { recursive: true });
  });

  it('sees a source that a Function was missing', async () => {
    await write(
      'f.yaml',
      'apiVersion: tenfold.dev/v1alpha1\nkind: Function\nmetadata: { name: f }\nspec: { source: ./f.ts }\n',
    );
    await start();
    assert.deepEqual(log, ['refused: spec.source']);
    await write('f.ts', 'export default 1;');
    await until('accepted 1: f');
  });

  it('takes no notice of what changes nothing', async () => {
    await write('a.yaml', topic('a'));
    await start();
    await write('a.yaml', topic('a'));
    await write('notes.txt', 'x');
    await write('node_modules/p/b.yaml', topic('b'));
    await write('compose.yaml', 'services: {}\n');
    await utimes(join(folder, 'a.yaml'), 1, 1);
    // Whatever came before would have been seen by now.
    await write('z.yaml', topic('z'));
    await until('accepted 2: a z');
    assert.deepEqual(
      log.filter(line => line !== 'commit'),
      ['accepted 1: a', 'accepted 2: a z'],
    );
  });

  it('does not repeat itself while the same things are wrong', async () => {
    await write('a.yaml', topic('a', '{ partitions: 0 }'));
    await start();
    await write('notes.txt', 'x');
    await write('a.yaml', topic('a'));
    await until('accepted 1: a');
    assert.equal(log.filter(line => line.startsWith('refused')).length, 1);
  });

  it('reads once when it is not to watch', async () => {
    await write('a.yaml', topic('a'));
    await start(acceptAll, false);
    const watching = await createFileCatalog({
      world: realWorld,
      directory: folder,
      watch: true,
      accept: () => ({ problems: [], commit() {} }),
      events: { accepted: ({ generation }) => log.push(`other ${generation}`), refused: () => assert.fail() },
    });
    await write('b.yaml', topic('b'));
    await until('other 2');
    await watching.close();
    assert.deepEqual(
      log.filter(line => !line.startsWith('other')),
      ['commit', 'accepted 1: a'],
    );
  });

  it('tells nothing after it was closed', async () => {
    await write('a.yaml', topic('a'));
    const made = await start();
    await write('b.yaml', topic('b'));
    await made.close();
    const seen = log.length;
    await write('c.yaml', topic('c'));
    // Nothing can be waited for here: three times what following a change takes.
    await new Promise(resolve => setTimeout(resolve, 100));
    assert.equal(log.length, seen);
  });

  it('rejects a folder that does not exist', async () => {
    await assert.rejects(
      createFileCatalog({
        world: realWorld,
        directory: join(folder, 'nowhere'),
        watch: true,
        accept: acceptAll,
        events: { accepted: () => assert.fail(), refused: () => assert.fail() },
      }),
      /there is no such folder/,
    );
  });
});
