// Switches that an earlier version kept in a file on the laptop: they are in
// the store afterwards, once.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Switch } from '../../../gateway/strangler/phase/switches.ts';
import { createShared } from '../../../server/shared/shared.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const half: Switch = {
  to: { phase: 'canary', percent: 50 },
  declared: { phase: 'shadow', percent: 0 },
  by: 'promotion',
  at: 1,
  reason: 'went well',
};
const KEY = 'default/shop/orders';

const none = () => assert.fail('nobody shares it');

describe('switches that were kept in a file', () => {
  let folder: string;
  const world = createFakeWorld();
  const file = () => join(folder, '.tenfold', 'strangler.json');
  const write = (text: string) => {
    mkdirSync(join(folder, '.tenfold'), { recursive: true });
    writeFileSync(file(), text);
  };
  const start = async (store: ReturnType<typeof createFakeStore>) => {
    const kept = { ...store, row: none, scan: none, apply: none, keeper: none };
    const shared = createShared({
      world,
      storage: { store: kept, hints: undefined },
      directory: folder,
      log: none,
      forget: () => 0,
    });
    await shared.load();
    return shared.switches;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-switches-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are taken into the store, and the file is put aside', async () => {
    write(JSON.stringify({ [KEY]: half }));
    const store = createFakeStore(world);
    assert.deepEqual((await start(store)).read(KEY), half);
    assert.equal(existsSync(file()), false);
    assert.deepEqual((await start(store)).read(KEY), half);
  });

  it('do not go over what the store has', async () => {
    const store = createFakeStore(world);
    const live = { ...half, to: { phase: 'live', percent: 100 } } as const;
    await (await start(store)).write(KEY, live, undefined);
    write(JSON.stringify({ [KEY]: half }));
    assert.deepEqual((await start(store)).read(KEY), live);
  });

  for (const [name, text] of [
    ['no JSON', '{'],
    ['something else', '{"a":{"to":{"phase":"dead","percent":1}}}'],
  ] as const) {
    it(`are none in a file with ${name}, which is left where it is`, async () => {
      write(text);
      assert.equal((await start(createFakeStore(world))).read('a'), undefined);
      assert.equal(existsSync(file()), true);
    });
  }
});
