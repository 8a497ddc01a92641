// No function has more than 80 lines but those of a list, which may only become shorter.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { root, SHIPPED_FOLDERS } from './source-files.ts';

const report = z.object({
  diagnostics: z.array(z.object({ category: z.string(), location: z.object({ path: z.string() }) })),
});

/** Functions with too many lines, by file, as `2 server/x.ts`. */
function longFunctions(): string[] {
  const config = join(import.meta.dirname, 'long-functions.json');
  const words = ['lint', `--config-path=${config}`, '--reporter=json', '--max-diagnostics=none'];
  const { stdout, stderr } = spawnSync('biome', [...words, ...SHIPPED_FOLDERS, 'functions', 'scripts'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  assert.notEqual(stdout, '', stderr);
  const counts = new Map<string, number>();
  for (const { category, location } of report.parse(JSON.parse(stdout)).diagnostics) {
    if (category !== 'lint/complexity/noExcessiveLinesPerFunction') continue;
    counts.set(location.path, (counts.get(location.path) ?? 0) + 1);
  }
  return [...counts].map(([file, count]) => `${count} ${file}`).sort();
}

describe('functions', () => {
  it('have at most 80 lines, but for those that long-functions.txt lists', () => {
    const listed = readFileSync(join(import.meta.dirname, 'long-functions.txt'), 'utf8')
      .trim()
      .split('\n')
      .sort();
    const found = longFunctions();
    const added = found.filter(each => !listed.includes(each));
    const gone = listed.filter(each => !found.includes(each));
    assert.deepEqual(added, [], 'divide these functions; the list of exceptions does not grow');
    assert.deepEqual(gone, [], 'take these out of test/architecture/long-functions.txt');
  });
});
