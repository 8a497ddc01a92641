// A window that is drawn again in place, on the terminal's second screen; the first one
// is there again afterwards.
import type { Terminal } from '../terminal.ts';

export interface Screen {
  show(text: string): void;
  close(): void;
}

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';

export function openScreen(terminal: Pick<Terminal, 'write' | 'out'>): Screen {
  void terminal.write(ENTER);
  return {
    show(text) {
      const heading = terminal.out.dim(`tenfold top  ${new Date().toLocaleTimeString()}  Ctrl-C ends it`);
      // Line by line: clearing all first would flicker.
      const lines = [heading, ...text.split('\n')].map(line => `${line}\u001b[K`);
      void terminal.write(`\u001b[H${lines.join('\r\n')}\u001b[J`);
    },
    close() {
      void terminal.write(LEAVE);
    },
  };
}
