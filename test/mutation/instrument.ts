// Has Stryker put all its mutations into files of the product, each behind a switch:
// `globalThis.__stryker__.activeMutant` says which one is in force.
import { readFileSync } from 'node:fs';
import { LEFT_OUT } from './targets.ts';

export interface Mutant {
  readonly id: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The line's text. */
  readonly text: string;
  readonly original: string;
  readonly replacement: string;
}

export interface Instrumented {
  readonly mutants: readonly Mutant[];
  /** By file. */
  readonly sources: Readonly<Record<string, string>>;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

interface StrykerModule {
  readonly Instrumenter: new (
    logger: Record<string, () => unknown>,
  ) => {
    instrument(
      files: readonly { readonly name: string; readonly mutate: true; readonly content: string }[],
      options: { readonly ignorers: []; readonly excludedMutations: readonly string[]; readonly plugins: null },
    ): Promise<{
      readonly files: readonly { readonly name: string; readonly content: string }[];
      readonly mutants: readonly {
        readonly id: string;
        readonly fileName: string;
        readonly location: { readonly start: Position; readonly end: Position };
        readonly replacement?: string;
        /** Those that are left out. */
        readonly status?: string;
      }[];
    }>;
  };
}

const silent = () => false;
const logger = { isDebugEnabled: silent, debug: silent, info: silent, warn: silent };

/**
 * Stryker's code counts how often a mutant is reached. Once one is in force nobody asks, and it
 * costs more than what is counted.
 */
function countOnlyWithout(source: string): string {
  const counts = 'function cover() {';
  if (source.includes('stryCov_') && !source.includes(counts))
    throw new Error('Stryker counts in another way than this was written for.');
  return source.replace(counts, `${counts} if (ns.activeMutant !== undefined) return;`);
}

export async function instrument(files: readonly string[]): Promise<Instrumented> {
  // By a name that the compiler does not see: it is installed for these tests alone.
  const name = '@stryker-mutator/instrumenter';
  const { Instrumenter }: StrykerModule = await import(name);
  const read = files.map(file => ({ name: file, mutate: true as const, content: readFileSync(file, 'utf8') }));
  const options = { ignorers: [] as [], excludedMutations: LEFT_OUT, plugins: null };
  const made = await new Instrumenter(logger).instrument(read, options);
  const contents = new Map(read.map(each => [each.name, each.content]));
  const mutants = made.mutants
    .filter(({ status }) => status === undefined)
    .map(({ id, fileName, location, replacement = '' }) => {
      const content = contents.get(fileName) ?? '';
      const text = content.split('\n')[location.start.line]?.trim() ?? '';
      const original = content.slice(at(content, location.start), at(content, location.end));
      return {
        id,
        file: fileName,
        line: location.start.line + 1,
        text,
        original: flat(original),
        replacement: flat(replacement),
      };
    });
  return { mutants, sources: Object.fromEntries(made.files.map(each => [each.name, countOnlyWithout(each.content)])) };
}

function at(content: string, { line, column }: Position): number {
  const lines = content.split('\n').slice(0, line);
  return lines.reduce((sum, each) => sum + each.length + 1, 0) + column;
}

const MOST_SHOWN = 100;

/** In one line. */
function flat(text: string): string {
  const one = text.replaceAll(/\s+/g, ' ');
  return one.length <= MOST_SHOWN ? one : `${one.slice(0, MOST_SHOWN)}…`;
}
