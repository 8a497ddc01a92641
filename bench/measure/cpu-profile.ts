// CPU time of a process by owner of the code, by V8's sampling profiler.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

interface Profile {
  readonly nodes: ReadonlyArray<{
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }>;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** The group of a function, by its name and file; undefined for a function that does not count. */
export type GroupOf = (name: string, url: string) => string | undefined;

const WRITE_LIMIT_MS = 10_000;

/**
 * Shares of all that counts, by group, the largest first. `run` gets the flags of the process, and
 * loads it until it returns. Only samples of the last `durationMs` count.
 */
export async function profiled(
  groupOf: GroupOf,
  durationMs: number,
  run: (flags: readonly string[]) => Promise<{ readonly pid: number }>,
): Promise<[name: string, share: number][]> {
  const folder = mkdtempSync(join(tmpdir(), 'tenfold-profile-'));
  try {
    const { pid } = await run(['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval', '200']);
    process.kill(pid, 'SIGTERM');
    return sharesOf(await written(folder), groupOf, durationMs);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function written(folder: string): Promise<Profile> {
  for (const limit = performance.now() + WRITE_LIMIT_MS; performance.now() < limit; await sleep(100)) {
    const file = readdirSync(folder).find(name => name.endsWith('.cpuprofile'));
    if (file === undefined) continue;
    try {
      return JSON.parse(readFileSync(join(folder, file), 'utf8'));
    } catch {
      // Half written.
    }
  }
  throw new Error('the process wrote no profile');
}

function sharesOf(
  { nodes, samples, timeDeltas }: Profile,
  groupOf: GroupOf,
  durationMs: number,
): [name: string, share: number][] {
  const groups = new Map(nodes.map(({ id, callFrame }) => [id, groupOf(callFrame.functionName, callFrame.url)]));
  const until = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  const sums = new Map<string, number>();
  let elapsed = 0;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    elapsed += delta;
    const group = groups.get(id);
    if (group !== undefined && elapsed > until - durationMs * 1000) sums.set(group, (sums.get(group) ?? 0) + delta);
  }
  const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
  return [...sums].map(([name, value]): [string, number] => [name, value / total]).sort(([, a], [, b]) => b - a);
}
