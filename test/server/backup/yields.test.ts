// A back-up lets those who serve go first: its thread alone has a lower priority, as SQLite checks
// a table at a stretch. The same holds in a process that has a low priority itself.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, platform } from 'node:os';
import { join } from 'node:path';
import { realWorld } from '../../../core/world.ts';
import { createBackup } from '../../../server/backup/make-backup.ts';
import { openStorage } from '../../../server/storage/open-storage.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';

/** Priorities of the threads of this process, the main one first: field 19 of proc_pid_stat(5). */
function niceOfThreads(): number[] {
  const tasks = readdirSync('/proc/self/task').sort((one, other) => Number(one) - Number(other));
  return tasks.flatMap(task => {
    try {
      const [, fields = ''] = readFileSync(`/proc/self/task/${task}/stat`, 'utf8').split(/\) (?!.*\) )/);
      return Number(fields.split(' ')[16]);
    } catch {
      // It has ended since.
      return [];
    }
  });
}

if (platform() === 'linux') {
  describe('a back-up of a running platform', () => {
    after(removeTempFolders);

    it('has a thread that others go before, and takes nothing from theirs', async () => {
      const storage = await openStorage(realWorld, tempFolder({}));
      assert.ok(storage?.backup);
      // More than one step of copying has.
      const value = Buffer.alloc(500_000, 'x');
      for (const key of ['a', 'b', 'c', 'd']) {
        await storage.store.apply('s', [{ kind: 'put-row', table: 't', key, value }]);
      }
      const before = niceOfThreads();
      const { signal } = new AbortController();
      const copying = createBackup(realWorld, '1', storage.backup);
      // Its first pause is longer than any test: the copy ends because nobody asks for more of it.
      const request = { to: join(tempFolder(), 'backup'), bytesPerSecond: 100 };
      const lower = Math.min(getPriority() + 10, 19);
      for await (const line of copying.make(request, signal)) {
        assert.equal(line.kind, 'copying');
        const during = niceOfThreads();
        const said = `${before} before, ${during} while it is made`;
        const ofLower = (priorities: readonly number[]) => priorities.filter(nice => nice === lower).length;
        assert.equal(ofLower(during), ofLower(before) + 1, said);
        assert.equal(Math.min(...during), Math.min(...before), said);
        assert.equal(during[0], before[0]);
        break;
      }
      await storage.close();
    });
  });
}
