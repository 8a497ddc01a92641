// Whose code a process spent its time in, by V8's sampling profiler.
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

/** Of a function, by its name and file; undefined for what does not count. */
export type GroupOf = (name: string, url: string) => string | undefined;

/** Shares of all that counts, by group. `run` gets the flags of the process; what was sampled in the first `warmUpMs` is left out. */
export async function profiled(
  groupOf: GroupOf,
  warmUpMs: number,
  run: (flags: readonly string[]) => Promise<{ readonly pid: number }>,
): Promise<Map<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'tenfold-profile-'));
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval', '200'];
  const { pid } = await run(flags);
  process.kill(pid, 'SIGTERM');
  let file: string | undefined;
  while (file === undefined) {
    await sleep(50);
    file = readdirSync(folder).find(name => name.endsWith('.cpuprofile'));
  }
  await sleep(500);
  const shares = sharesOf(JSON.parse(readFileSync(join(folder, file), 'utf8')), groupOf, warmUpMs);
  rmSync(folder, { recursive: true });
  return shares;
}

function sharesOf({ nodes, samples, timeDeltas }: Profile, groupOf: GroupOf, warmUpMs: number): Map<string, number> {
  const groups = new Map(nodes.map(({ id, callFrame }) => [id, groupOf(callFrame.functionName, callFrame.url)]));
  const sums = new Map<string, number>();
  let elapsed = 0;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    elapsed += delta;
    const group = groups.get(id);
    if (group !== undefined && elapsed > warmUpMs * 1000) sums.set(group, (sums.get(group) ?? 0) + delta);
  }
  const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
  return new Map([...sums].map(([name, value]) => [name, value / total]));
}
