// `tenfold doctor`: a sound database, a damaged one, one in use, and what is saved.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../cli/run.ts';
import { realWorld } from '../../../core/world.ts';
import { openStorage, type Storage } from '../../../server/storage/open-storage.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';

const TOPIC = { name: 'default.orders', partitions: 2 };

describe('doctor of the command line', () => {
  let folder: string;
  let file: string;
  let storage: Storage | undefined;

  beforeEach(async () => {
    folder = tempFolder();
    file = join(folder, '.tenfold/data/tenfold.db');
    storage = await openStorage(realWorld, join(folder, '.tenfold/data'));
    assert.ok(storage);
    await storage.log.ensureTopic(TOPIC.name, { partitions: TOPIC.partitions });
    for (let index = 0; index < 40; index++) {
      await storage.log.append(TOPIC.name, [
        { key: `k${index}`, value: Buffer.alloc(400, 'x'), headers: { number: String(index) } },
      ]);
    }
  });
  afterEach(async () => {
    await storage?.close();
    removeTempFolders();
  });

  async function doctor(...words: string[]) {
    const terminal = fakeTerminal({ cwd: folder });
    const code = await run(['doctor', ...words], terminal);
    return { code, stdout: terminal.stdout, stderr: terminal.stderr };
  }
  async function close(): Promise<void> {
    await storage?.close();
    storage = undefined;
  }
  /** One bit, in the middle of some event. */
  function damage(): void {
    const bytes = readFileSync(file);
    const at = bytes.lastIndexOf('xxxxxxxxxxxxxxxxxxxx');
    bytes[at] = 0x79;
    writeFileSync(file, bytes);
  }

  it('finds a sound one sound, part by part', async () => {
    await close();
    const { code, stdout, stderr } = await doctor();
    assert.deepEqual([code, stderr.startsWith('Reading .tenfold/data/tenfold.db')], [0, true]);
    assert.match(stdout, /PART +SOUND +PROBLEMS\n/);
    assert.match(stdout, /default\.orders/);
    assert.match(stdout, /All that was acknowledged is there and sound\.\n$/);
    const report = JSON.parse((await doctor('--data', '.tenfold/data', '-o', 'json')).stdout);
    assert.equal(report.isSound, true);
  });

  it('says what is damaged, and how to save the rest', async () => {
    await close();
    damage();
    const { code, stdout, stderr } = await doctor();
    assert.equal(code, 1);
    assert.match(stdout, /default\.orders.*\n*[\s\S]*Damaged: \d+ problem/);
    assert.match(stderr, /Next: save what is sound with "tenfold doctor --salvage FILE"/);
  });

  it('saves what is sound into a new file that a platform opens', async () => {
    await close();
    damage();
    const { code, stderr } = await doctor('--salvage', 'saved/tenfold.db');
    assert.equal(code, 1);
    assert.match(stderr, /All that is sound is in saved\/tenfold\.db\./);
    storage = await openStorage(realWorld, join(folder, 'saved'));
    const bounds = (await storage?.log.bounds(TOPIC.name)) ?? [];
    assert.equal(bounds.length, TOPIC.partitions);
    assert.equal((await doctor('--salvage', 'saved/tenfold.db')).code, 1, 'it is there already');
  });

  it('says who has it open', async () => {
    const { code, stdout, stderr } = await doctor();
    assert.deepEqual([code, stdout], [69, '']);
    assert.match(stderr, /in use by .*\nNext: stop the platform that has it open/);
  });

  it('says where it has looked when there is none', async () => {
    const { code, stderr } = await doctor('elsewhere');
    assert.equal(code, 3);
    assert.match(stderr, /There is no database elsewhere\/\.tenfold\/data\/tenfold\.db\.\nNext: name the application/);
    assert.equal(existsSync(join(folder, 'elsewhere')), false);
  });
});
