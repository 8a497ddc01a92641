// What is said of the disk under the data folder: before it is full, while it
// fails, and when that is over.
import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { registerDiskMetrics } from '../../../server/metrics/disk-metrics.ts';
import type { GatewayLogEntry } from '../../../server/platform-events.ts';
import { isLow, lowBelow, watchDisk } from '../../../server/storage/watch-disk.ts';
import { watchServices } from '../../../server/storage/watch-services.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Longer than it takes to look again, and shorter than what it takes to be called usable. */
const LOOK_MS = 3_100;

async function start(space = { freeBytes: 50 * GIB, sizeBytes: 100 * GIB, databaseBytes: 7 }) {
  const world = createFakeWorld();
  const lines: GatewayLogEntry[] = [];
  const log = (entry: GatewayLogEntry) => lines.push(entry);
  const now = { space, troubles: { count: 0, reason: '' }, health: { ok: true } as { ok: boolean; reason?: string } };
  const disk = watchDisk({
    world,
    parts: ['log', 'store'],
    folder: '/data',
    database: '/data/none.db',
    troubles: () => now.troubles,
    health: async () => now.health,
    log,
    space: async () => now.space,
  });
  const watch = await watchServices(world, [disk.service], log);
  return { world, lines, now, disk, watch, said: () => lines.map(({ level, message }) => `${level} ${message}`) };
}

describe('the disk of the data folder', () => {
  it('is low by share and by bytes, whatever its size', () => {
    const rows: readonly (readonly [number, number])[] = [
      [8 * MIB, 2 * MIB],
      [256 * MIB, 64 * MIB],
      [10 * GIB, GIB],
      [100 * GIB, 10 * GIB],
      [4000 * GIB, 10 * GIB],
    ];
    for (const [size, below] of rows) {
      assert.equal(lowBelow(size), below);
      assert.equal(isLow({ freeBytes: below, sizeBytes: size }, false), false);
      assert.equal(isLow({ freeBytes: below - 1, sizeBytes: size }, false), true);
    }
  });

  it('is warned of once before it is full, and taken back once there is clearly more', async () => {
    const { world, now, said, disk, watch } = await start();
    assert.deepEqual(said(), []);
    now.space = { freeBytes: 9 * GIB, sizeBytes: 100 * GIB, databaseBytes: 7 };
    await world.pass(5 * LOOK_MS);
    assert.equal(said().length, 1);
    assert.match(said()[0] ?? '', /^warn The disk of \/data is filling: 9216 MiB \(9\.0%\) are free/);
    assert.deepEqual([disk.figures()?.low, watch.diskReasons()], [true, []]);
    now.space = { freeBytes: 11 * GIB, sizeBytes: 100 * GIB, databaseBytes: 7 };
    await world.pass(5 * LOOK_MS);
    assert.equal(said().length, 1);
    now.space = { freeBytes: 20 * GIB, sizeBytes: 100 * GIB, databaseBytes: 7 };
    await world.pass(LOOK_MS);
    assert.deepEqual(said().slice(1), ['info The disk of /data has enough space again']);
    watch.close();
  });

  it('that is full says so before anybody has tried to write', async () => {
    const { world, now, watch, said } = await start();
    now.space = { freeBytes: 4096, sizeBytes: 100 * GIB, databaseBytes: 7 };
    await world.pass(LOOK_MS);
    assert.match(
      watch.diskReasons().join(),
      /^Disk \(log, store\) cannot be used: There is no space left for \/data\./,
    );
    assert.deepEqual(watch.reasons(), [], 'it is none of those that make a process unready');
    const reason = watch.diskReasons()[0];
    assert.deepEqual(watch.states(), [{ name: 'Disk (log, store)', usable: false, reason }]);
    assert.equal(said().filter(line => line.startsWith('error Disk (log, store) cannot be used')).length, 1);
    watch.close();
  });

  it('that fails now and then is told of once while that goes on, and once when it is over', async () => {
    const { world, now, watch, said } = await start();
    for (let count = 1; count <= 10; count++) {
      // Small things get through in between: only what has failed since the last look tells of it.
      now.troubles = { count, reason: 'There is no space left.' };
      await world.pass(2 * LOOK_MS);
      assert.equal(watch.states()[0]?.usable, false);
    }
    assert.equal(said().length, 1);
    await world.pass(5 * LOOK_MS);
    assert.deepEqual(said().slice(1), ['info Disk (log, store) can be used again']);
    assert.deepEqual(watch.diskReasons(), []);
    watch.close();
  });

  it('has figures as metrics, and none where nothing is kept on it', async () => {
    const { disk, watch } = await start();
    const [one, none] = [new Registry(), new Registry()];
    registerDiskMetrics(one, disk.figures);
    registerDiskMetrics(none, () => undefined);
    const text = await one.metrics();
    assert.match(text, /\ntenfold_disk_free_bytes 53687091200\n/);
    assert.match(text, /\ntenfold_disk_size_bytes 107374182400\n/);
    assert.match(text, /\ntenfold_disk_low 0\n/);
    assert.match(text, /\ntenfold_database_size_bytes 7\n/);
    assert.doesNotMatch(await none.metrics(), /^tenfold_/m);
    watch.close();
  });
});
