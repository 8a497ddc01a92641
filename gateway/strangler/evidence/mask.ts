// Makes examples of differing answers that show structure and types, and
// nothing of what customers wrote.

const MAX_LENGTH = 60;

/**
 * `"Ada 17"` → `"Aaa 00"`; `12.5` → `00.0`; `{"a": 1}` → `object with a`. Booleans and
 * null say nothing and stay.
 */
export function maskValue(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return JSON.stringify(shorten(maskText(value)));
    case 'number':
      return maskText(String(value));
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `list of ${value.length}`;
      const names = Object.keys(value);
      return names.length === 0
        ? 'empty object'
        : shorten(`object with ${names.slice(0, 10).map(maskName).join(', ')}`);
    }
    default:
      return String(value);
  }
}

/** Letters become `a` or `A`, digits `0`; everything else is structure and stays. */
export function maskText(text: string): string {
  return text
    .slice(0, MAX_LENGTH * 4)
    .replace(/\p{Lu}/gu, 'A')
    .replace(/[\p{L}\p{M}]/gu, letter => (letter === 'A' ? letter : 'a'))
    .replace(/\p{N}/gu, '0');
}

/** Names of members are structure, unless they look like data: an address, an id, a number. */
export function maskName(name: string): string {
  return /^[A-Za-z_$][A-Za-z_$-]{0,63}[0-9]{0,2}$/.test(name) ? name : maskText(name);
}

/** The same for each token of a JSON Pointer; indexes of lists stay. */
export function maskPointer(pointer: string): string {
  return pointer
    .split('/')
    .map(token => (token === '' || token === '*' || /^[0-9]{1,6}$/.test(token) ? token : maskToken(token)))
    .join('/');
}

/**
 * Names of XML and HTML have a prefix, or say of which attribute or of which element they are:
 * `@at`, `soap:Body`, `input[name=csrf]`.
 */
function maskToken(token: string): string {
  if (token === '-') return token;
  const [, mark = '', name = token, by, value = ''] = /^(@?)([^[\]]+)(?:\[(id|name)=([^\]]+)\])?$/.exec(token) ?? [];
  const masked = mark + name.split(':').map(maskName).join(':');
  return by === undefined ? masked : `${masked}[${by}=${maskName(value)}]`;
}

/**
 * The path of a request, with what the route's pattern leaves open masked: `/orders/:id` and
 * `/orders/a7` → `/orders/a0`.
 */
export function maskPath(path: string, pattern: string): string {
  const literal = pattern.split('/');
  return shorten(
    path
      .split('/')
      .map((segment, index) => (segment === literal[index] ? segment : maskText(segment)))
      .join('/'),
  );
}

function shorten(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}
