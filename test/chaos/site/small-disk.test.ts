// Disks that can be filled: what is written to them fails while they are full, for the program
// whose disk it is, and is there again afterwards.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { canMount, faultyDisk, mountedDisk, type SmallDisk } from './small-disk.ts';

/** As a program does whose disk it is. */
function write(disk: SmallDisk, text: string): boolean {
  const script = 'require("fs").appendFileSync(process.argv[1], process.argv[2])';
  const env = { ...process.env, ...disk.environment };
  return spawnSync(process.execPath, ['-e', script, join(disk.folder, 'file'), text], { env }).status === 0;
}

describe('a disk that can be filled', () => {
  after(removeTempFolders);
  const kinds: [string, () => Promise<SmallDisk>][] = [['for one program', faultyDisk]];
  if (canMount()) kinds.push(['as a file system', () => mountedDisk(64)]);

  for (const [kind, start] of kinds)
    it(`${kind} takes nothing while it is full, and goes on with what it has`, async () => {
      const disk = await start();
      try {
        const long = 'x'.repeat(100_000);
        assert.ok(write(disk, long));
        disk.fill();
        assert.ok(!write(disk, long));
        disk.empty();
        assert.ok(write(disk, 'end'));
        const text = readFileSync(join(disk.folder, 'file'), 'utf8');
        assert.ok(text.startsWith(long) && text.endsWith('end'));
      } finally {
        await disk.close();
      }
      if (disk.kind === 'full') assert.ok(!existsSync(join(disk.folder, 'file')), 'it is taken off');
    });
});
