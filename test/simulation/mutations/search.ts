// Runs the simulation with one change of the product, seed by seed, until a seed finds the change.
// A seed that fails without the change as well has found something else.
import type { Chunk, ChunkReport } from '../runner/chunk.ts';
import { SimulationProcess } from '../runner/simulation-process.ts';
import type { Focus } from '../runner/simulations.ts';

/** What is asked of a mutation here. */
export interface Searched {
  readonly name: string;
  /** See simulations.ts; that of dispatchers where it is undefined. */
  readonly simulation?: string;
  readonly focus?: Focus;
}

export interface SearchRange {
  readonly from: number;
  /** The most seeds to try. */
  readonly seeds: number;
}

export type Verdict = {
  /** Seeds that were tried. */
  readonly seeds: number;
  /** Of the processes that answered, in milliseconds. */
  readonly cpuMs: number;
} & (
  | { readonly kind: 'found'; readonly seed: number; readonly what: string }
  | { readonly kind: 'survived' }
  /** The seed fails without the change, so it says nothing of the change. */
  | { readonly kind: 'wrong without'; readonly seed: number; readonly what: string }
);

interface Found {
  readonly chunk: Chunk;
  readonly what: string;
}

const HOOK = new URL('hook.ts', import.meta.url).href;
const CHUNK = 50;
/** What a change makes wait for ever is kept in memory: another process goes on after so many. */
const SEEDS_OF_A_CHILD = 1000;
/** A run that takes longer never ends: it computes for a second on an idle machine. */
const HANGS_MS = 15 * 60_000;

export async function search(
  searched: Searched,
  { from: first, seeds }: SearchRange,
  unchanged: Unchanged,
): Promise<Verdict> {
  const end = first + seeds;
  const cpu = { ms: 0 };
  for (let from = first; from < end; from += SEEDS_OF_A_CHILD) {
    const found = await searchIn(searched, from, Math.min(from + SEEDS_OF_A_CHILD, end), cpu);
    if (found === undefined) continue;
    const { chunk, what } = found;
    const without = await runWithout(searched, chunk, cpu, unchanged);
    const tried = { seeds: chunk.to - first, cpuMs: cpu.ms };
    if (without === undefined) return { kind: 'found', seed: chunk.from, what, ...tried };
    return { kind: 'wrong without', seed: without.seed, what: without.what, ...tried };
  }
  return { kind: 'survived', seeds, cpuMs: cpu.ms };
}

/** One line for a person. */
export function say({ name, why }: { readonly name: string; readonly why: string }, verdict: Verdict): string {
  const seconds = `${(verdict.cpuMs / 1_000).toFixed(1)} s of processor`;
  switch (verdict.kind) {
    case 'found':
      return `found ${name} after ${verdict.seeds} seeds, ${seconds}: ${verdict.what.slice(0, 120)}`;
    case 'survived':
      return `SURVIVED ${name} after ${verdict.seeds} seeds, ${seconds}: ${why}`;
    case 'wrong without':
      return `WRONG WITHOUT ${name}: seed ${verdict.seed} fails without the change: ${verdict.what.slice(0, 120)}`;
  }
}

/** The seed that finds the change, as a chunk; all of a chunk where none of its seeds ends. */
async function searchIn(
  searched: Searched,
  first: number,
  end: number,
  cpu: { ms: number },
): Promise<Found | undefined> {
  return withChanged(searched, cpu, async run => {
    for (let from = first; from < end; from += CHUNK) {
      const chunk = { from, to: Math.min(from + CHUNK, end), ...fixed(searched) };
      const report = await run(chunk);
      if (report === undefined) return { chunk, what: NEVER_ENDS };
      const [failure] = report.failures;
      if (failure) return { chunk: { ...chunk, from: failure.seed, to: failure.seed + 1 }, what: failure.message };
    }
    return undefined;
  });
}

async function runWithout(
  { name, simulation = 'dispatcher' }: Searched,
  chunk: Chunk,
  cpu: { ms: number },
  unchanged: Unchanged,
): Promise<{ readonly seed: number; readonly what: string } | undefined> {
  const report = await unchanged.run(simulation, chunk).catch(error => {
    throw new Error(`${name}: the simulation without the change broke off`, { cause: error });
  });
  if (report === undefined) return { seed: chunk.from, what: NEVER_ENDS };
  cpu.ms += report.cpuMs;
  const [failure] = report.failures;
  return failure && { seed: failure.seed, what: failure.message };
}

const NEVER_ENDS = 'it never ends';

function fixed({ focus }: Searched): Pick<Chunk, 'failures' | 'focus' | 'once'> {
  return { failures: 1, once: true, ...(focus && { focus }) };
}

/** `run` resolves with undefined where the process does not answer. */
async function withChanged<T>(
  { name, simulation = 'dispatcher' }: Searched,
  cpu: { ms: number },
  act: (run: (chunk: Chunk) => Promise<ChunkReport | undefined>) => Promise<T>,
): Promise<T> {
  const child = new SimulationProcess({ simulation, hook: HOOK, env: { TENFOLD_MUTATION: name } });
  let cpuMs = 0;
  try {
    return await act(async chunk => {
      const report = await child.runWithin(HANGS_MS, chunk);
      cpuMs = report?.cpuMs ?? cpuMs;
      return report;
    });
  } catch (error) {
    throw new Error(`${name}: the simulation broke off`, { cause: error });
  } finally {
    cpu.ms += cpuMs;
    child.kill();
  }
}

/** The simulations without a change: a process of each, for all changes. */
export class Unchanged {
  readonly #processes = new Map<string, { readonly child: SimulationProcess; cpuMs: number }>();

  /** With the CPU of this chunk alone. Undefined: it did not answer. */
  async run(simulation: string, chunk: Chunk): Promise<ChunkReport | undefined> {
    const known = this.#processes.get(simulation) ?? { child: new SimulationProcess({ simulation }), cpuMs: 0 };
    this.#processes.set(simulation, known);
    const report = await known.child.runWithin(HANGS_MS, chunk);
    if (report === undefined) {
      known.child.kill();
      this.#processes.delete(simulation);
      return undefined;
    }
    const cpuMs = report.cpuMs - known.cpuMs;
    known.cpuMs = report.cpuMs;
    return { ...report, cpuMs };
  }

  end(): void {
    for (const { child } of this.#processes.values()) child.kill();
  }
}
