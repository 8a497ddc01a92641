// A server program of the tests is gone when it has been stopped, whether it ends
// when it is told to or not.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type NativeProcess, startNative } from './native-process.ts';

const PROGRAMS: Readonly<Record<string, string>> = {
  'ends when it is told to': 'touch ready; sleep 600',
  'does not hear that it is to end': 'trap "" TERM; touch ready; while :; do sleep 1; done',
};

describe('a server program of the tests', () => {
  const start = (script: string): Promise<NativeProcess> => {
    let folder = '';
    return startNative({
      name: 'program',
      command: 'bash',
      args: own => {
        folder = own;
        return ['-c', script];
      },
      isReady: async () => existsSync(join(folder, 'ready')),
    });
  };
  const isThere = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  for (const [name, script] of Object.entries(PROGRAMS))
    it(`is gone after its stop, with its folder: one that ${name}`, async () => {
      const program = await start(script);
      assert.ok(isThere(program.pid));
      await program.stop();
      assert.deepEqual([isThere(program.pid), existsSync(program.folder)], [false, false]);
    });
});
