// Real servers in Node, Go, Python and nginx, which report what they saw of each request. Without
// CI, nginx is left out where it is not installed.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { eventually } from '../../../eventually.ts';

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly length: number;
  /** Names in lower case, as the program hands them to applications. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const here = (file: string) => join(import.meta.dirname, file);

/** Debian keeps it out of the path of users. */
const NGINX = existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : 'nginx';

/** Command and arguments of each server; `folder` is for what must be built. */
const programs: Record<string, (folder: string) => Promise<[string, string[]]>> = {
  Node: async () => [process.execPath, [here('echo.mjs')]],
  Go: async folder => {
    const program = join(folder, 'echo');
    await promisify(execFile)('go', ['build', '-o', program, here('echo.go')], { cwd: folder });
    return [program, []];
  },
  Python: async () => ['python3', [here('echo.py')]],
  ...((process.env['CI'] || spawnSync(NGINX, ['-v']).status === 0) && {
    nginx: async () => [process.execPath, [here('nginx.mjs'), NGINX]] as [string, string[]],
  }),
};

export const programNames = Object.keys(programs);

export type Server = Awaited<ReturnType<typeof startServer>>;

export async function startServer(name: string) {
  const folder = await mkdtemp(join(tmpdir(), 'tenfold.upstream-'));
  const [command, args] = (await programs[name]?.(folder)) ?? [name, []];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const seen: Seen[] = [];
  let port = '';
  createInterface(child.stdout).on('line', line => {
    if (port === '') port = line;
    else seen.push(JSON.parse(line));
  });
  await eventually(() => port !== '', `${command} listens`);
  return {
    origin: `http://127.0.0.1:${port}`,
    seen,
    async close() {
      const ended = new Promise(resolve => child.once('exit', resolve));
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
