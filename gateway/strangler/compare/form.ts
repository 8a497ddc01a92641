// The form of a value: its type and outline without what it says, by which an impossible value
// shows where every value is another one.

const SAMPLE = 256;

export function isSameForm(one: unknown, other: unknown): boolean {
  return formOf(one) === formOf(other);
}

/** Values of one kind, such as moments, ids or tokens of one length, have one form. */
function formOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `text ${outlineOf(value)}`;
    case 'number':
      return `${value < 0 ? '-' : ''}${Number.isInteger(value) ? 'whole' : 'real'} ${Math.floor(Math.log10(Math.abs(value) + 1))}`;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return value.length === 0 ? 'empty list' : 'list';
      return `object ${Object.keys(value).slice(0, 20).sort().join(' ')}`;
    default:
      return typeof value;
  }
}

function outlineOf(text: string): string {
  const size = Math.round(Math.log2(text.length + 1));
  const isToken = text.length >= 16 && /^[A-Za-z0-9+/=_.-]+$/.test(text) && /[A-Za-z]/.test(text) && /[0-9]/.test(text);
  if (isToken) return `token ${size}`;
  // Words and numbers of any length become one letter and one digit; the characters between them
  // are the outline.
  const outline = text
    .slice(0, SAMPLE)
    .replace(/\p{L}+/gu, 'a')
    .replace(/\p{N}+/gu, '0')
    .replace(/(?:a0|0a)[a0]*/g, 'x');
  return text.length > 64 ? `long ${size}` : outline;
}
