// Finds the expressions in a text: from `${` to its `}`, which may not be one inside a string, a
// comment or braces of the expression.

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'expression';
      readonly source: string /** Position in the text at which the source begins. */;
      readonly offset: number;
    };

/** The parts of `text` in order, or where a `${` stands that is never closed. */
export function splitTemplate(text: string): { parts: Part[] } | { open: number } {
  const parts: Part[] = [];
  let plain = '';
  let at = 0;
  const flush = () => {
    if (plain !== '') parts.push({ kind: 'text', text: plain });
    plain = '';
  };
  while (at < text.length) {
    const next = text.indexOf('${', at);
    if (next === -1) break;
    if (next > at && text[next - 1] === '$') {
      plain += `${text.slice(at, next - 1)}\${`;
      at = next + 2;
      continue;
    }
    const end = endOfExpression(text, next + 2);
    if (end === undefined) return { open: next };
    plain += text.slice(at, next);
    flush();
    parts.push({ kind: 'expression', source: text.slice(next + 2, end), offset: next + 2 });
    at = end + 1;
  }
  plain += text.slice(at);
  flush();
  return { parts };
}

/** The index of the `}` that closes an expression beginning at `start`. */
function endOfExpression(text: string, start: number): number | undefined {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (character === '"' || character === "'") {
      at = endOfString(text, at);
      continue;
    }
    if (character === '/' && text[at + 1] === '/') {
      const newline = text.indexOf('\n', at);
      if (newline === -1) return undefined;
      at = newline;
      continue;
    }
    if (character === '{') depth++;
    if (character === '}' && depth-- === 0) return at;
    at++;
  }
  return undefined;
}

/**
 * The index after the string literal that begins at `start`; three quotes open a
 * string that three quotes close.
 */
function endOfString(text: string, start: number): number {
  const quote = text[start] ?? '"';
  const fence = text.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  for (let at = start + fence.length; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text.startsWith(fence, at)) return at + fence.length;
  }
  return text.length;
}
