// A terminal that keeps what is written to it.
import { createStyle } from '../../cli/style.ts';
import type { Terminal } from '../../cli/terminal.ts';

export interface FakeTerminal extends Terminal {
  readonly stdout: string;
  readonly stderr: string;
}

export function fakeTerminal(more: Partial<Terminal> & { colours?: boolean } = {}): FakeTerminal {
  const { colours = false, ...rest } = more;
  const out: string[] = [];
  const err: string[] = [];
  return {
    cwd: '/nowhere',
    env: {},
    stdin: (async function* () {})(),
    print: text => void out.push(`${text}\n`),
    write: bytes => void out.push(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
    say: text => void err.push(`${text}\n`),
    murmur: text => void err.push(text),
    out: createStyle(colours),
    err: createStyle(colours),
    interactive: false,
    columns: undefined,
    rows: undefined,
    talkColumns: undefined,
    isPlugin: false,
    closers: [],
    exitCode: 0,
    ...rest,
    get stdout() {
      return out.join('');
    },
    get stderr() {
      return err.join('');
    },
  };
}
