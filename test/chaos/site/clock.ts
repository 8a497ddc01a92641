// The wall clock of a machine of its own, for processes that are started with its environment: it
// can be moved while they run, and their timers stay as they are.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '../../cli/temp-folder.ts';

export interface Clock {
  readonly environment: Readonly<Record<string, string>>;
  /** From now on; 0 is the time of this machine. */
  setAhead(ms: number): void;
  close(): void;
}

const SOURCE = fileURLToPath(new URL('../../fixtures/moved-clock.c', import.meta.url));

/** Compiles what moves clocks with the machine's C compiler. Answers with what makes a clock. */
export function prepareClocks(): () => Clock {
  const folder = tempFolder();
  const library = join(folder, 'moved-clock.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl']);
  let count = 0;
  return () => {
    const control = join(folder, `clock-${++count}`);
    writeFileSync(control, Buffer.alloc(8));
    const handle = openSync(control, 'r+');
    return {
      environment: { LD_PRELOAD: library, MOVED_CLOCK_CONTROL: control },
      setAhead(ms) {
        const page = Buffer.alloc(8);
        page.writeBigInt64LE(BigInt(ms));
        writeSync(handle, page, 0, page.length, 0);
      },
      close: () => closeSync(handle),
    };
  };
}
