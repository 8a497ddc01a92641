// The code blocks of a page of the documentation, and a shell that runs them as a reader would.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { COMMAND_LINE } from '../cli/run-cli.ts';
import { root } from './platform-process.ts';

export interface PageBlocks {
  /** The next block, which must be of this language; empty for a block without one. */
  next(language: string): string;
  /** Fails when a block is left that nobody has asked for. */
  end(): void;
}

export function readBlocks(page: string): PageBlocks {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  return {
    next(language) {
      const [, found, block = ''] = blocks.shift() ?? [];
      assert.equal(found, language, `the next block of ${page}`);
      return block;
    },
    end: () =>
      assert.deepEqual(
        blocks.map(([block]) => block),
        [],
        `blocks of ${page} that nothing has run`,
      ),
  };
}

/** The lines of all blocks of a page that are for the shell. */
export function readShellLines(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'));
}

/**
 * `expected`: what some line that begins so prints; each is used once, and what no entry
 * speaks of prints nothing.
 */
export function assertPrinted(
  lines: readonly string[],
  printed: readonly string[],
  expected: Readonly<Record<string, RegExp>>,
): void {
  const unseen = new Set(Object.keys(expected));
  for (const [index, line] of lines.entries()) {
    const start = [...unseen].find(each => `${line}\n`.startsWith(each));
    const pattern = start === undefined ? /^$/ : expected[start];
    if (start !== undefined) unseen.delete(start);
    assert.match(printed[index] ?? '', pattern ?? /^$/, line);
  }
  assert.deepEqual([...unseen], []);
}

const FLAGS = '--conditions=tenfold-source --disable-warning=ExperimentalWarning';

/** Runs lines with the `tenfold` of this checkout and gives what each has printed. */
export async function runLines(lines: readonly string[], cwd: string): Promise<string[]> {
  const mark = '\u0001';
  const script = [
    'set -euo pipefail',
    `tenfold() { "${process.execPath}" ${FLAGS} "${COMMAND_LINE}" "$@"; }`,
    ...lines.map(line => `${line}\nprintf '${mark}'`),
  ];
  // Not waited for in one piece: what the lines ask may run in this process.
  const { stdout } = await promisify(execFile)('bash', ['-c', script.join('\n')], { cwd, timeout: 5 * 60_000 });
  const printed = stdout.split(mark);
  assert.equal(printed.length, lines.length + 1);
  return printed.slice(0, -1);
}
