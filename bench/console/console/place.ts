// A whole platform with an application of its own, in a process as an operator starts it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningProcess, startProcess } from '../../../test/processes/start-process.ts';

const READY_WITHIN_MS = 240_000;
const LOOK_MS = 200;

export interface ConsolePlace {
  readonly running: RunningProcess;
  readonly pid: number;
  close(): Promise<void>;
}

/** `prepare` gets the file of log and store, before anything has opened it. */
export async function openConsolePlace(
  files: Readonly<Record<string, string>>,
  prepare: (file: string) => Promise<void> = async () => {},
): Promise<ConsolePlace> {
  // Beside this script and not in the folder for temporary files, which may be in memory.
  const folder = mkdtempSync(join(import.meta.dirname, '.data-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const data = join(folder, '.tenfold/data');
    await prepare(join(data, 'tenfold.db'));
    const running = await startProcess({ role: 'serve', directory: folder, env: { TENFOLD_DATA: data } });
    const kill = () => running.child.kill('SIGKILL');
    process.once('exit', kill);
    const close = async () => {
      process.off('exit', kill);
      await running.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    };
    const end = performance.now() + READY_WITHIN_MS;
    while (!(await running.isReady())) {
      if (performance.now() > end) {
        await close();
        throw new Error(`the platform is not ready after ${READY_WITHIN_MS / 1000} s; it said:\n${running.output()}`);
      }
      await sleep(LOOK_MS);
    }
    return { running, pid: running.child.pid ?? 0, close };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
