// Stops a process, and goes on once it stands still: on a busy machine it runs for some time after it was sent SIGSTOP.
import { readdirSync, readFileSync } from 'node:fs';

const waiting = new Int32Array(new SharedArrayBuffer(4));

export function standStill(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  while (runs(pid)) Atomics.wait(waiting, 0, 0, 1);
}

/** Whether one of its threads does. Without /proc nobody can tell. */
function runs(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some(thread => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      // The state comes behind the name, which is in brackets: stopped, traced, ended.
      return !/^[TtZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
    });
  } catch {
    return false;
  }
}
