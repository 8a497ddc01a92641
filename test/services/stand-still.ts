// Stops a process, and goes on once it stands still: on a busy machine it runs for some time
// after it was sent SIGSTOP.
import { readdirSync, readFileSync } from 'node:fs';

const waiting = new Int32Array(new SharedArrayBuffer(4));

export function standStill(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  while (runs(pid)) Atomics.wait(waiting, 0, 0, 1);
}

/** Whether one of its threads does. Without /proc nobody can tell. */
function runs(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some(
      // Stopped, traced, ended.
      thread => !['T', 't', 'Z', 'X', undefined].includes(stateOf(`/proc/${pid}/task/${thread}`)),
    );
  } catch {
    return false;
  }
}

/** A letter, of a process or a thread by its folder in /proc; undefined where nobody can tell. */
export function stateOf(folder: string): string | undefined {
  try {
    const stat = readFileSync(`${folder}/stat`, 'utf8');
    // Behind the name, which is in brackets.
    return stat[stat.lastIndexOf(')') + 2];
  } catch {
    return undefined;
  }
}
