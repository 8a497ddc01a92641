// Clocks of processes that can be moved while they run: their wall clock goes
// with it, their timers do not.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { removeTempFolders } from '../../cli/temp-folder.ts';
import { prepareClocks } from './clock.ts';

const HOUR_MS = 3_600_000;
const NEAR_MS = 60_000;
/** At each line: the wall clock, and how long a timer of 50 ms has taken by the other one. */
const TELLS = `require('node:readline').createInterface(process.stdin).on('line', () => {
  const began = performance.now();
  setTimeout(() => console.log(JSON.stringify([Date.now(), performance.now() - began])), 50);
})`;

describe('a clock that can be moved', () => {
  after(removeTempFolders);

  it('moves the wall clock of a running process to and fro, and leaves its timers', async () => {
    const clock = prepareClocks()();
    const env = { ...process.env, ...clock.environment };
    const child = spawn(process.execPath, ['-e', TELLS], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface(child.stdout);
    try {
      for (const aheadMs of [0, -HOUR_MS, 24 * HOUR_MS, 0]) {
        clock.setAhead(aheadMs);
        child.stdin.write('\n');
        const [line] = await once(lines, 'line');
        const [wall, timer] = JSON.parse(line);
        assert.ok(Math.abs(wall - Date.now() - aheadMs) < NEAR_MS, `${wall} should be ${aheadMs} ahead`);
        assert.ok(timer >= 49 && timer < NEAR_MS, `the timer took ${timer} ms`);
      }
    } finally {
      child.kill('SIGKILL');
      clock.close();
    }
  });
});
