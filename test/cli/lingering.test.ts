// The process of the command line ends when its command has, whatever was left open.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const RUN = new URL('../../cli/run.ts', import.meta.url).href;
const LEFT_OPEN = `
  import { createServer } from 'node:net';
  import { runProcess } from '${RUN}';
  createServer().listen(0);
  await runProcess();
`;

describe('a process whose command has ended', () => {
  for (const [words, code] of [
    [['--version'], 0],
    [['no-such-command'], 2],
  ] as const)
    it(`ends with ${code} although a socket is open: ${words}`, async () => {
      const flags = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
      const child = spawn(process.execPath, [...flags, '--eval', LEFT_OPEN, '--', 'tenfold', ...words], {
        stdio: 'ignore',
      });
      const killed = setTimeout(() => child.kill('SIGKILL'), 2 * 60_000);
      const [ended] = await once(child, 'exit');
      clearTimeout(killed);
      assert.equal(ended, code);
    });
});
