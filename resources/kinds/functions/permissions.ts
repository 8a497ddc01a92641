// The permissions of a function on the machine of the platform besides those of every function.
import * as z from 'zod';
import { withMarks } from '../fields/marks.ts';

/**
 * Abilities of a process that Node gives or keeps. Each but `wasi` is a way
 * around `read` and `write`.
 */
const ABILITIES = ['addons', 'childProcesses', 'sqlite', 'wasi', 'workers'] as const;
const PATH_WRONG = 'This must be the path of a file or a folder, such as ./data, without "*".';

function paths() {
  const path = z
    .string(PATH_WRONG)
    .min(1, PATH_WRONG)
    .max(512, PATH_WRONG)
    .regex(/^[^*\0]+$/, PATH_WRONG);
  return z.array(withMarks(path, { typeName: 'path' })).max(32);
}

export function permissions() {
  return z.strictObject({
    read: paths()
      .optional()
      .describe('Files and folders that it reads besides; relative to the file that declares it, or absolute.'),
    write: paths().optional().describe('Files and folders that it writes, and reads; they need not be there yet.'),
    allow: z
      .array(z.enum(ABILITIES))
      .max(ABILITIES.length)
      .optional()
      .describe(
        'Features that its process may use: native addons, child processes, node:sqlite, node:wasi, worker threads. With any but wasi its code can read and write whatever the user of the platform can.',
      ),
  });
}
