// Facts of the kernel about the threads of processes: how long each was on a core,
// and how often it woke up.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { toTable } from './report.ts';

interface Thread {
  /** As the kernel has it, at most 15 characters, e.g. `V8Worker`. */
  readonly name: string;
  /**
   * Milliseconds on a core so far; ticks of 10 ms, as in stat, are too coarse for
   * threads that only wake up.
   */
  readonly cpuMs: number;
  /** How often it has waited for something so far. */
  readonly waits: number;
}

export interface ThreadUse {
  readonly name: string;
  readonly threads: number;
  /** Thousandths of a core. */
  readonly millicores: number;
  /** A second. */
  readonly wakeUps: number;
}

/** All threads of `pids` over `seconds`, those of one name together, the busiest first. */
export async function watchThreads(pids: readonly number[], seconds: number): Promise<ThreadUse[]> {
  const began = performance.now();
  const before = new Map(pids.flatMap(threadsOf));
  await sleep(seconds * 1000);
  const took = (performance.now() - began) / 1000;
  const byName = Map.groupBy(pids.flatMap(threadsOf), ([, { name }]) => name);
  return [...byName]
    .map(([name, threads]) => {
      const more = (of: (thread: Thread) => number) =>
        threads.reduce((sum, [id, now]) => sum + of(now) - of(before.get(id) ?? { name, cpuMs: 0, waits: 0 }), 0);
      return {
        name,
        threads: threads.length,
        millicores: more(({ cpuMs }) => cpuMs) / took,
        wakeUps: more(({ waits }) => waits) / took,
      };
    })
    .sort((one, other) => other.millicores - one.millicores);
}

/**
 * A row for each name that did anything in one of `windows`, and the sum of all; a pair of columns
 * for each window, named as in `heads`.
 */
export function threadTable(heads: readonly string[], windows: readonly (readonly ThreadUse[])[]): string {
  const names = [...new Set(windows.flat().map(({ name }) => name))];
  const cells = (pick: (use: ThreadUse) => boolean) =>
    windows.flatMap(window => {
      const found = window.filter(pick);
      const sum = (of: (use: ThreadUse) => number) => found.reduce((total, use) => total + of(use), 0);
      return [sum(({ millicores }) => millicores).toFixed(2), sum(({ wakeUps }) => wakeUps).toFixed(1)];
    });
  const rows = names.map(name => {
    const most = Math.max(...windows.map(window => window.find(use => use.name === name)?.threads ?? 0));
    return [most > 1 ? `${name} (${most})` : name, ...cells(use => use.name === name)];
  });
  const idle = ['0.00', '0.0'];
  return toTable(
    ['thread', ...heads.flatMap(head => [`${head}: millicores`, 'wake-ups/s'])],
    [...rows.filter(row => row.slice(1).some(cell => !idle.includes(cell))), ['all', ...cells(() => true)]],
  );
}

/** The current threads of a process, by their ids. */
function threadsOf(pid: number): [id: string, thread: Thread][] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap(id => threadOf(`/proc/${pid}/task/${id}`, id));
  } catch {
    return [];
  }
}

function threadOf(folder: string, id: string): [id: string, thread: Thread][] {
  const read = (file: string) => readFileSync(`${folder}/${file}`, 'utf8');
  try {
    // proc_pid_schedstat: nanoseconds on a core, nanoseconds in line, how often.
    const cpuMs = Number(read('schedstat').split(' ')[0]) / 1e6;
    const waits = Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(read('status'))?.[1]);
    return [[id, { name: read('comm').trim(), cpuMs, waits }]];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}
