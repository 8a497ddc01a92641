// All that a command may touch of the process it runs in: data goes to stdout, talk to stderr.
import { once } from 'node:events';
import { basename } from 'node:path';
import { createStyle, type Style, wantsColour } from './style.ts';

export interface Terminal {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** Writes one line, or several, of data. */
  print(text: string): void;
  /** Writes data without a line end; resolves when more may follow. */
  write(bytes: string | Uint8Array): void | Promise<void>;
  /** Writes one line of talk. */
  say(text: string): void;
  /** Writes talk without a line end, to be written over later; for a person only. */
  murmur(text: string): void;
  /** Colours for stdout and for stderr, which may be connected differently. */
  readonly out: Style;
  readonly err: Style;
  /** Whether a person looks at stdout. */
  readonly interactive: boolean;
  /** Width of that person's window; undefined when stdout is no terminal. */
  readonly columns: number | undefined;
  /** Its height. */
  readonly rows: number | undefined;
  /** Width of the window that talk is written to; undefined when stderr is no terminal. */
  readonly talkColumns: number | undefined;
  /**
   * Whether it runs as `kubectl tenfold`. The kubeconfig then names the cluster, unless
   * something else does.
   */
  readonly isPlugin: boolean;
  /** They close the things that a command has opened for as long as it runs. */
  readonly closers: (() => void)[];
  /** The exit code of the process when the command is done. */
  exitCode: number;
}

export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  return {
    cwd: process.cwd(),
    env,
    get stdin() {
      return process.stdin;
    },
    print: text => void stdout.write(`${text}\n`),
    write: bytes => (stdout.write(bytes) ? undefined : drained(stdout)),
    say: text => void stderr.write(`${text}\n`),
    murmur: text => void stderr.write(text),
    out: createStyle(wantsColour(env, stdout.isTTY === true)),
    err: createStyle(wantsColour(env, stderr.isTTY === true)),
    interactive: stdout.isTTY === true,
    get columns() {
      return stdout.isTTY ? stdout.columns : undefined;
    },
    get rows() {
      return stdout.isTTY ? stdout.rows : undefined;
    },
    get talkColumns() {
      return stderr.isTTY && env['TERM'] !== 'dumb' ? stderr.columns : undefined;
    },
    isPlugin: basename(process.argv[1] ?? '').startsWith('kubectl-'),
    closers: [],
    exitCode: 0,
  };
}

async function drained(stream: NodeJS.WriteStream): Promise<void> {
  await once(stream, 'drain');
}
