// The commit that a checkout is of.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Undefined where files differ from the commit, and where there is no Git. */
export async function revisionOf(folder: string): Promise<string | undefined> {
  try {
    const { stdout: changed } = await run('git', ['status', '--porcelain', '--untracked-files=normal'], {
      cwd: folder,
    });
    if (changed !== '') return undefined;
    return (await run('git', ['rev-parse', 'HEAD'], { cwd: folder })).stdout.trim();
  } catch {
    return undefined;
  }
}
