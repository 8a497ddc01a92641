// Docker's command, for tests that need a real Docker.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/**
 * What it prints. Rejects with what it says where it fails. `variables` are
 * further ones of its environment.
 */
export async function docker(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { ...process.env, ...variables };
  const { stdout } = await run('docker', args, { cwd: root, env, maxBuffer: 1 << 28 });
  return stdout.trim();
}
