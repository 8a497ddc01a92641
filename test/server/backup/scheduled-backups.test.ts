// Back-ups by a schedule: when one is made, what is removed after it, and what is told of those
// that fail.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupControl } from '../../../admin/backup-view.ts';
import { lockFile } from '../../../drivers/sqlite/file-lock.ts';
import { backupName } from '../../../server/backup/kept-backups.ts';
import { ScheduledBackups } from '../../../server/backup/scheduled-backups.ts';
import type { GatewayLogEntry } from '../../../server/platform-events.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const START = Date.parse('2026-12-02T12:00:00Z');
const [LOOK_MS, MINUTE, HOUR, DAY] = [30_000, 60_000, 3_600_000, 86_400_000];

/** A copy of `problems` in the folder `at`. */
function put(folder: string, at: number, problems: readonly string[] = []): string {
  const name = backupName(at);
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'backup.json'), JSON.stringify({ problems }));
  return name;
}

interface Made extends Pick<BackupControl, 'make'> {
  /** Fails with it while it is there. */
  fault: string | undefined;
  /** Is called once a copy is there. */
  afterwards: () => void;
  damage: string[];
}

/** Makes a folder with a manifest. */
function copier(): Made {
  const made: Made = {
    fault: undefined,
    afterwards() {},
    damage: [],
    async *make({ to }) {
      if (made.fault !== undefined) throw new Error(made.fault);
      mkdirSync(to);
      writeFileSync(join(to, 'backup.json'), JSON.stringify({ problems: made.damage }));
      made.afterwards();
      const counts = { databaseBytes: 1, objects: 0, objectBytes: 0 };
      yield { kind: 'done', to, at: 0, ...counts, problems: made.damage, without: [] };
    },
  };
  return made;
}

describe('back-ups by a schedule', () => {
  let folder: string;
  let now: number;
  let made: Made;
  let lines: GatewayLogEntry[];
  let running: ScheduledBackups | undefined;
  const begin = (keep = 3) => {
    const settings = { folder, schedule: '0 3 * * *', timeZone: 'UTC', keep };
    running = new ScheduledBackups({ ...createFakeWorld(), now: () => now }, settings, made, line => lines.push(line));
    return running;
  };
  const copies = () => readdirSync(folder).filter(name => name.startsWith('tenfold-2'));
  /** Looks every half minute, as it does by itself. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += LOOK_MS) {
      now += LOOK_MS;
      await running?.look();
    }
  };
  const levels = () => lines.map(({ level }) => level);

  beforeEach(() => {
    folder = tempFolder({});
    [now, made, lines] = [START, copier(), []];
  });
  afterEach(async () => {
    await running?.close();
    running = undefined;
    removeTempFolders();
  });

  it('makes one soon after the start where there is none, and then one when each is due', async () => {
    const backups = begin();
    assert.equal(backups.figures().late, true);
    await pass(MINUTE);
    assert.deepEqual(copies(), ['tenfold-20261202T120030Z']);
    assert.deepEqual(backups.figures(), { newestAt: START + 30_000, failures: 0, late: false });
    await pass(14 * HOUR);
    assert.equal(copies().length, 1, 'none is due');
    await pass(2 * HOUR);
    assert.equal(copies().length, 2);
    assert.deepEqual(levels(), ['info', 'info']);
  });

  it('makes none at a start after which none is due', async () => {
    put(folder, START - HOUR);
    begin();
    await pass(HOUR);
    assert.equal(copies().length, 1);
  });

  it('makes one at a start before which one was due', async () => {
    put(folder, START - DAY);
    begin();
    await pass(MINUTE);
    assert.equal(copies().length, 2);
  });

  it('removes the oldest, and nothing that is not its own', async () => {
    const old = [5, 4, 3, 2].map(days => put(folder, START - days * DAY));
    for (const name of ['before-upgrade', 'tenfold-data', 'before-upgrade.unfinished']) mkdirSync(join(folder, name));
    mkdirSync(join(folder, `${backupName(START - 6 * DAY)}.unfinished`));
    begin();
    await pass(MINUTE);
    assert.deepEqual(copies(), [...old.slice(2), 'tenfold-20261202T120030Z']);
    const others = readdirSync(folder).filter(name => !name.startsWith('tenfold-2'));
    assert.deepEqual(
      others.filter(name => !name.startsWith('tenfold-backups.')),
      ['before-upgrade', 'before-upgrade.unfinished', 'tenfold-data'],
    );
  });

  it('keeps the newest without damage beside newer ones that have some, and says so', async () => {
    const sound = put(folder, START - 9 * DAY);
    const damaged = [8, 7, 6].map(days => put(folder, START - days * DAY, ['a page']));
    made.damage = ['a page'];
    begin();
    await pass(MINUTE);
    const second = 'tenfold-20261202T120030Z';
    assert.deepEqual(copies(), [sound, ...damaged.slice(1), second]);
    assert.deepEqual(levels(), ['error']);
    made.damage = [];
    await pass(DAY);
    assert.equal(copies().length, 3, 'the newest is sound, so the one before is not kept');
    assert.deepEqual(copies().slice(0, 2), [damaged[2], second]);
    assert.match(copies()[2] ?? '', /^tenfold-20261203T030/);
  });

  it('tells why one fails, tries again every ten minutes, and is well once one is made', async () => {
    made.fault = 'no space left on device';
    const backups = begin();
    await pass(25 * MINUTE);
    assert.deepEqual(backups.figures(), { newestAt: undefined, failures: 3, late: true });
    assert.match(
      backups.trouble() ?? '',
      /^Back-ups cannot be made: no space left on device\. One was due at 2026-12-02T03:00:00\.000Z\.$/,
    );
    assert.deepEqual(levels(), ['error', 'error', 'error']);
    made.fault = undefined;
    await pass(10 * MINUTE);
    assert.equal(backups.trouble(), undefined);
    assert.equal(copies().length, 1);
  });

  it('names a folder that is not there, and goes on once it is', async () => {
    rmSync(folder, { recursive: true });
    const backups = begin();
    await pass(MINUTE);
    assert.match(backups.trouble() ?? '', /There is no folder/);
    mkdirSync(folder);
    await pass(10 * MINUTE);
    assert.equal(copies().length, 1);
  });

  it('does not take a copy of a clock that was wrong for the newest, and keeps the one that it just made', async () => {
    const future = [900, 800].map(days => put(folder, START + days * DAY));
    const backups = begin(2);
    await pass(MINUTE);
    assert.deepEqual(copies(), ['tenfold-20261202T120030Z', future[0] ?? '']);
    assert.equal(backups.figures().late, false);
  });

  it('says that the oldest cannot be removed, and not that none was made, until they can be', async () => {
    [5, 4, 3].map(days => put(folder, START - days * DAY));
    const blocked = join(folder, `${backupName(START - 5 * DAY)}.unfinished`);
    made.afterwards = () => {
      mkdirSync(blocked);
      writeFileSync(join(blocked, 'held'), '');
    };
    const backups = begin();
    await pass(MINUTE);
    assert.match(backups.trouble() ?? '', /^The oldest back-ups cannot be removed: /);
    assert.deepEqual([backups.figures().late, copies().includes('tenfold-20261202T120030Z')], [false, true]);
    rmSync(blocked, { recursive: true });
    await pass(10 * MINUTE);
    assert.equal(backups.trouble(), undefined);
    assert.equal(copies().length, 3);
  });

  it('is well again once the folder is back, though none is due', async () => {
    const backups = begin();
    await pass(MINUTE);
    const away = `${folder}-away`;
    renameSync(folder, away);
    await pass(MINUTE);
    assert.match(backups.trouble() ?? '', /^Back-ups cannot be made: There is no folder/);
    renameSync(away, folder);
    await pass(10 * MINUTE);
    assert.equal(backups.trouble(), undefined);
    assert.deepEqual(levels(), ['info', 'error', 'info']);
  });

  it('makes none in a folder of another process', async () => {
    const other = lockFile(join(folder, 'tenfold-backups'));
    const backups = begin();
    await pass(MINUTE);
    assert.match(backups.trouble() ?? '', /in use by/);
    other.release();
    await pass(10 * MINUTE);
    assert.equal(copies().length, 1);
  });
});
