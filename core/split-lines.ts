// Cuts a stream of text into lines with a bound on their length, so that output without
// line ends cannot fill memory.

export interface LineSplitter {
  push(text: string): void;
  /** Passes on what is left without a line end. */
  end(): void;
}

/**
 * Calls `emit` for each line without its end; lines longer than
 * `maxLength` are passed on in pieces.
 */
export function splitLines(maxLength: number, emit: (line: string) => void): LineSplitter {
  let rest = '';
  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) emitBounded(line.endsWith('\r') ? line.slice(0, -1) : line);
      while (rest.length > maxLength) {
        emit(rest.slice(0, maxLength));
        rest = rest.slice(maxLength);
      }
    },
    end() {
      if (rest !== '') emitBounded(rest);
      rest = '';
    },
  };

  function emitBounded(line: string): void {
    for (let from = 0; from === 0 || from < line.length; from += maxLength) emit(line.slice(from, from + maxLength));
  }
}
