// Back-ups by a schedule: when one is made, what is removed after it, and what is told of those
// that fail.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupControl } from '../../../admin/backup-view.ts';
import { lockFile } from '../../../drivers/sqlite/file-lock.ts';
import { backupName } from '../../../server/backup/kept-backups.ts';
import { ScheduledBackups } from '../../../server/backup/scheduled-backups.ts';
import type { GatewayLogEntry } from '../../../server/platform-events.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { eventually } from '../../eventually.ts';
import { createFakeWorld, type FakeWorld } from '../../fakes/fake-world.ts';

const START = Date.parse('2026-12-02T12:00:00Z');
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

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
  damage: string[];
}

/** Makes a folder with a manifest. */
function copier(): Made {
  const made: Made = {
    fault: undefined,
    damage: [],
    async *make({ to }) {
      if (made.fault !== undefined) throw new Error(made.fault);
      mkdirSync(to);
      writeFileSync(join(to, 'backup.json'), JSON.stringify({ problems: made.damage }));
      const counts = { databaseBytes: 1, objects: 0, objectBytes: 0 };
      yield { kind: 'done', to, at: 0, ...counts, problems: made.damage, without: [] };
    },
  };
  return made;
}

describe('back-ups by a schedule', () => {
  let folder: string;
  let world: FakeWorld;
  let made: Made;
  let lines: GatewayLogEntry[];
  let running: ScheduledBackups | undefined;
  const start = (keep = 3) => {
    const settings = { folder, schedule: '0 3 * * *', timeZone: 'UTC', keep };
    running = new ScheduledBackups(world, settings, made, line => lines.push(line));
    return running;
  };
  const copies = () => readdirSync(folder).filter(name => name.startsWith('tenfold-2'));
  /** Files are removed by another thread, for which the time of the test does not wait. */
  const untilThere = (...names: readonly string[]) =>
    eventually(
      () => copies().join() === names.join(),
      () => `${names} are there, and nothing else: ${copies()}`,
    );
  const levels = () => lines.map(({ level }) => level);

  beforeEach(() => {
    folder = tempFolder({});
    [world, made, lines] = [createFakeWorld(START), copier(), []];
  });
  afterEach(async () => {
    await running?.close();
    running = undefined;
    removeTempFolders();
  });

  it('makes one soon after the start where there is none, and then one when each is due', async () => {
    const backups = start();
    assert.equal(backups.figures().late, true);
    await world.pass(MINUTE);
    assert.deepEqual(copies(), ['tenfold-20261202T120030Z']);
    assert.deepEqual(backups.figures(), { newestAt: START + 30_000, failures: 0, late: false });
    await world.pass(14 * HOUR);
    assert.equal(copies().length, 1, 'none is due');
    await world.pass(2 * HOUR);
    assert.equal(copies().length, 2);
    assert.deepEqual(levels(), ['info', 'info']);
  });

  it('makes none at a start after which none is due', async () => {
    put(folder, START - HOUR);
    start();
    await world.pass(HOUR);
    assert.equal(copies().length, 1);
  });

  it('makes one at a start before which one was due', async () => {
    put(folder, START - DAY);
    start();
    await world.pass(MINUTE);
    assert.equal(copies().length, 2);
  });

  it('removes the oldest, and nothing that is not its own', async () => {
    const old = [5, 4, 3, 2].map(days => put(folder, START - days * DAY));
    for (const name of ['before-upgrade', 'tenfold-data', 'before-upgrade.unfinished']) mkdirSync(join(folder, name));
    mkdirSync(join(folder, `${backupName(START - 6 * DAY)}.unfinished`));
    start();
    await world.pass(MINUTE);
    await untilThere(...old.slice(2), 'tenfold-20261202T120030Z');
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
    start();
    await world.pass(MINUTE);
    const second = 'tenfold-20261202T120030Z';
    await untilThere(sound, ...damaged.slice(1), second);
    assert.deepEqual(levels(), ['error']);
    made.damage = [];
    await world.pass(DAY);
    await eventually(() => copies().length === 3, 'the newest is sound, so the one before is not kept');
    assert.deepEqual(copies().slice(0, 2), [damaged[2], second]);
    assert.match(copies()[2] ?? '', /^tenfold-20261203T030/);
  });

  it('tells why one fails, tries again every ten minutes, and is well once one is made', async () => {
    made.fault = 'no space left on device';
    const backups = start();
    await world.pass(25 * MINUTE);
    assert.deepEqual(backups.figures(), { newestAt: undefined, failures: 3, late: true });
    assert.match(backups.trouble() ?? '', /due at 2026-12-02T03:00:00\.000Z was not made: no space left on device/);
    assert.deepEqual(levels(), ['error', 'error', 'error']);
    made.fault = undefined;
    await world.pass(10 * MINUTE);
    assert.equal(backups.trouble(), undefined);
    assert.equal(copies().length, 1);
  });

  it('names a folder that is not there, and goes on once it is', async () => {
    rmSync(folder, { recursive: true });
    const backups = start();
    await world.pass(MINUTE);
    assert.match(backups.trouble() ?? '', /There is no folder/);
    mkdirSync(folder);
    await world.pass(10 * MINUTE);
    assert.equal(copies().length, 1);
  });

  it('makes none in a folder of another process', async () => {
    const other = lockFile(join(folder, 'tenfold-backups'));
    const backups = start();
    await world.pass(MINUTE);
    assert.match(backups.trouble() ?? '', /in use by/);
    other.release();
    await world.pass(10 * MINUTE);
    assert.equal(copies().length, 1);
  });
});
