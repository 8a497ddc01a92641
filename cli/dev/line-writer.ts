// Writes the lines of `tenfold dev`: time, a coloured column with the name, then the text.
import type { Paint, Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

export interface LineWriter {
  /** Later lines of a text with several are indented below the first. */
  line(name: string, text: string, time?: Date): void;
}

const MIN_WIDTH = 9;
const MAX_WIDTH = 24;

/** Names of Tenfold's own parts; they are dim, so that the functions stand out. */
const OWN = new Set(['gateway', 'resources', 'tenfold']);

export function createLineWriter(terminal: Pick<Terminal, 'out' | 'print'>, now: () => Date): LineWriter {
  let width = MIN_WIDTH;
  return {
    line(name, text, time = now()) {
      width = Math.max(width, Math.min(name.length, MAX_WIDTH));
      const { out } = terminal;
      const shown = name.length > MAX_WIDTH ? `${name.slice(0, MAX_WIDTH - 1)}…` : name;
      const paint = OWN.has(name) ? out.dim : paintFor(name, out);
      const head = `${out.dim(clock(time))} ${paint(shown)}${' '.repeat(Math.max(width - shown.length, 0))} ${out.dim('|')} `;
      const indent = ' '.repeat(clock(time).length + 1 + width + 1);
      const [first = '', ...rest] = text.split('\n');
      terminal.print([head + first, ...rest.map(each => `${indent}${out.dim('|')} ${each}`)].join('\n').trimEnd());
    },
  };
}

/** The same name has the same colour in every run. */
function paintFor(name: string, style: Style): Paint {
  const paints = [style.cyan, style.magenta, style.blue, style.green, style.yellow];
  let sum = 0;
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return paints[sum % paints.length] ?? style.cyan;
}

function clock(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
