// Switches on a laptop: kept in a file that only its owner reads, whole or not at all.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Switch } from '../../gateway/strangler/switches.ts';
import { createLocalSwitches } from '../../server/local-switches.ts';

const half: Switch = {
  to: { phase: 'canary', percent: 50 },
  declared: { phase: 'shadow', percent: 0 },
  by: 'promotion',
  at: 1,
  reason: 'went well',
};

describe('switches on a laptop', () => {
  let folder: string;
  const file = () => join(folder, '.tenfold', 'strangler.json');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenfold-switches-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are kept over a restart, for their owner only', () => {
    createLocalSwitches(folder).write('default/shop/orders', half);
    assert.deepEqual(createLocalSwitches(folder).read('default/shop/orders'), half);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
  });

  it('are forgotten one by one', () => {
    const switches = createLocalSwitches(folder);
    switches.write('a', half);
    switches.write('b', half);
    switches.write('a', undefined);
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(file(), 'utf8'))), ['b']);
    assert.equal(switches.read('a'), undefined);
  });

  it('write nothing where there is nothing to forget', () => {
    createLocalSwitches(folder).write('a', undefined);
    assert.throws(() => statSync(file()));
  });

  for (const [name, text] of [
    ['no JSON', '{'],
    ['something else', '{"a":{"to":{"phase":"dead","percent":1}}}'],
  ] as const) {
    it(`take a file with ${name} for empty, and can write it again`, () => {
      mkdirSync(join(folder, '.tenfold'));
      writeFileSync(file(), text);
      const switches = createLocalSwitches(folder);
      assert.equal(switches.read('a'), undefined);
      switches.write('a', half);
      assert.deepEqual(createLocalSwitches(folder).read('a'), half);
    });
  }

  it('stay as they were when the file cannot be written', () => {
    const switches = createLocalSwitches(folder);
    writeFileSync(join(folder, '.tenfold'), 'a file in the way');
    assert.throws(() => switches.write('a', half));
    assert.equal(switches.read('a'), undefined);
  });
});
