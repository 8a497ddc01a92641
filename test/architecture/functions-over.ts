// Finds functions with too many lines, by a rule of biome.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';
import { root } from './source-files.ts';

const report = z.object({
  diagnostics: z.array(z.object({ category: z.string(), location: z.object({ path: z.string() }) })),
});

/** `rule`: a configuration of biome in this folder. By file, as `2 server/x.ts`. */
export function functionsOver(rule: string, folders: readonly string[]): string[] {
  const config = join(import.meta.dirname, rule);
  const words = ['lint', `--config-path=${config}`, '--reporter=json', '--max-diagnostics=none'];
  const { stdout, stderr } = spawnSync('biome', [...words, ...folders], {
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
