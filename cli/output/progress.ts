// The progress of a long action: a bar that grows in a terminal, or now and then a line elsewhere.
import type { Terminal } from '../terminal.ts';

export interface Progress {
  /** `total` is undefined as long as it is unknown. */
  update(done: number, total: number | undefined): void;
  /** Takes the bar away; what follows is written on an empty line. */
  end(): void;
}

const BAR_WIDTH = 30;
const REDRAW_MS = 100;
const LINE_EVERY_MS = 5_000;

/** `verb` as in `120 of 400 redriven`. */
export function createProgress(
  verb: string,
  terminal: Pick<Terminal, 'talkColumns' | 'murmur' | 'say' | 'err'>,
  now: () => number = () => performance.now(),
): Progress {
  const watched = terminal.talkColumns !== undefined;
  const every = watched ? REDRAW_MS : LINE_EVERY_MS;
  let last = watched ? Number.NEGATIVE_INFINITY : now();
  let drawn = false;
  return {
    update(done, total) {
      if (now() - last < every) return;
      last = now();
      const text = total === undefined ? `${done} ${verb}` : `${done} of ${total} ${verb}`;
      if (!watched) return terminal.say(text);
      drawn = true;
      terminal.murmur(`\r\u001b[2K${total === undefined ? '' : `${bar(done / Math.max(total, 1), terminal)} `}${text}`);
    },
    end() {
      if (drawn) terminal.murmur('\r\u001b[2K');
      drawn = false;
    },
  };
}

function bar(share: number, { err, talkColumns = 0 }: Pick<Terminal, 'err' | 'talkColumns'>): string {
  const width = Math.max(5, Math.min(BAR_WIDTH, talkColumns - 40));
  const full = Math.min(width, Math.floor(share * width));
  return `[${err.cyan('='.repeat(full))}${' '.repeat(width - full)}]`;
}
