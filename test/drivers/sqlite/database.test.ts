// The engine: requests of modules share commits but not fates, long work holds nothing
// up, and what fails recovers.
import assert from 'node:assert/strict';
import { rejectsWith, until } from '../../contract/event-log/subject.ts';
import { type Notes, openNotes } from './notes.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

describe('SQLite engine', () => {
  let folder: TemporaryFolder;
  let notes: Notes;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(async () => {
    await notes.database.close();
    folder.remove();
  });

  it('commits together what was asked for while it was busy', async () => {
    notes = await openNotes(folder.file);
    const before = (await notes.read()).commits;
    const busy = notes.write({ do: 'work', ms: 50 });
    await Promise.resolve();
    const puts: Promise<unknown>[] = [];
    for (let index = 0; index < 200; index++) {
      puts.push(notes.put(`note ${index}`));
      await Promise.resolve();
    }
    await Promise.all([busy, ...puts]);
    const after = await notes.read();
    assert.equal(after.keys.length, 200);
    assert.ok(after.commits - before <= 4, `${after.commits - before} commits`);
  });

  it('undoes a refused request, not its neighbours', async () => {
    notes = await openNotes(folder.file);
    const [first, refused, broken, last] = await Promise.allSettled([
      notes.put('first'),
      notes.write({ do: 'refuse' }),
      notes.write({ do: 'break' }),
      notes.put('last'),
    ]);
    assert.deepEqual([first.status, last.status], ['fulfilled', 'fulfilled']);
    assert.ok(refused.status === 'rejected' && refused.reason.code === 'conflict');
    assert.equal(refused.reason.message, 'refused by itself');
    assert.ok(broken.status === 'rejected' && broken.reason.code === 'internal');
    assert.deepEqual((await notes.read()).keys, ['first', 'last']);
  });

  it('shows what was answered to reads that are asked for afterwards', async () => {
    notes = await openNotes(folder.file);
    for (let index = 0; index < 20; index++) {
      await notes.put(`note ${index}`);
      assert.equal((await notes.read()).keys.length, index + 1);
    }
  });

  it('lets long reads hold up neither writes nor other reads', async () => {
    notes = await openNotes(folder.file);
    await notes.read({ do: 'work', ms: 0 }, true);
    let isLongDone = false;
    const long = notes.read({ do: 'work', ms: 1500 }, true).then(() => {
      isLongDone = true;
    });
    await notes.put('meanwhile');
    assert.deepEqual((await notes.read()).keys, ['meanwhile']);
    assert.ok(!isLongDone);
    await long;
  });

  it('refuses at once what would wait in too much memory, and takes it later', async () => {
    notes = await openNotes(folder.file, { maxQueuedBytes: 1000 });
    const busy = notes.write({ do: 'work', ms: 50 }, 600);
    await rejectsWith('overloaded', notes.write({ do: 'put', key: 'too much', value: '' }, 500));
    await rejectsWith('body-too-large', notes.write({ do: 'put', key: 'never', value: '' }, 1001));
    const small = notes.write({ do: 'put', key: 'fits', value: '' }, 400);
    await Promise.all([busy, small]);
    await notes.write({ do: 'put', key: 'now', value: '' }, 1000);
    assert.deepEqual((await notes.read()).keys, ['fits', 'now']);
  });

  it('gives up on a disk that does not answer, refuses at once, and recovers when it answers', async () => {
    notes = await openNotes(folder.file, { timeoutMs: 100 });
    let recovered = 0;
    notes.database.onRecovered(() => recovered++);
    // Far longer than this process may stand still: an answer that has come
    // when it goes on is taken.
    const slow = notes.write({ do: 'work', ms: 6000 });
    const behind = notes.put('behind it');
    await rejectsWith('store-unavailable', slow);
    await rejectsWith('store-unavailable', behind);
    await rejectsWith('store-unavailable', notes.put('at once'));
    assert.equal((await notes.database.health()).ok, false);
    await until('it answers again', () => recovered > 0);
    assert.deepEqual(await notes.database.health(), { ok: true });
    await notes.put('later');
    const { keys } = await notes.read();
    assert.ok(keys.includes('later') && !keys.includes('at once'));
  });

  it('starts the writing thread again when it dies', async () => {
    notes = await openNotes(folder.file);
    let recovered = 0;
    notes.database.onRecovered(() => recovered++);
    await notes.put('before');
    await rejectsWith('store-unavailable', notes.write({ do: 'die' }));
    assert.equal((await notes.database.health()).ok, false);
    await until('it runs again', () => recovered > 0);
    await notes.put('after');
    assert.deepEqual((await notes.read()).keys, ['after', 'before']);
    assert.deepEqual(await notes.database.health(), { ok: true });
  });

  it('starts a reading thread again when it dies', async () => {
    notes = await openNotes(folder.file);
    await notes.put('kept');
    await rejectsWith('store-unavailable', notes.read({ do: 'die' }));
    await until('it reads again', () =>
      notes.read().then(
        () => true,
        () => false,
      ),
    );
    assert.deepEqual(await notes.database.health(), { ok: true });
  });

  it('writes what was asked for before it closes, and refuses what comes later', async () => {
    notes = await openNotes(folder.file);
    const puts = Array.from({ length: 50 }, (_, index) => notes.put(`note ${index}`));
    await notes.database.close();
    await Promise.all(puts);
    await rejectsWith('store-unavailable', notes.put('late'));
    await assert.rejects(notes.read());
    notes = await openNotes(folder.file);
    assert.equal((await notes.read()).keys.length, 50);
  });
});
