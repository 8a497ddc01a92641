// Base64, by the names of CEL's extension for encoders, and digests.
import { createHash } from 'node:crypto';
import { parseExactly } from '../../units/whole-numbers.ts';
import { type FunctionDefinition, failed } from './definition.ts';

export const BASE64 = 'base64';

/** With or without padding. */
const BASE64_TEXT = /^[A-Za-z0-9+/]*={0,2}$/;

function decode(text: string): Uint8Array {
  // The tail is looked at by hand: a pattern for it takes quadratic time on a run of "=" before it.
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const isPadded = padding === 0 || text.length % 4 === 0;
  if ((text.length - padding) % 4 === 1 || !isPadded || !BASE64_TEXT.test(text)) throw failed('invalid_base64');
  return Buffer.from(text, 'base64');
}

/** Messages nest less; deeper ones would exhaust the stack of whoever walks them. */
const MAX_JSON_DEPTH = 100;

function parseJson(value: Uint8Array): unknown {
  const text = Buffer.from(value).toString('utf8');
  let depth = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isText && character === '\\') at++;
    else if (character === '"') isText = !isText;
    else if (!isText && (character === '[' || character === '{') && ++depth > MAX_JSON_DEPTH) throw failed('deep_json');
    else if (!isText && (character === ']' || character === '}')) depth--;
  }
  return parseExactly(text);
}

function encode(value: string | Uint8Array): string {
  return Buffer.from(value as string).toString('base64');
}

/** The last two are for systems that ask for them: two values of one digest can be made. */
const ALGORITHMS = new Set(['sha256', 'sha384', 'sha512', 'sha1', 'md5']);

function digest(value: string | Uint8Array, algorithm = 'sha256'): string {
  if (!ALGORITHMS.has(algorithm)) throw failed('invalid_algorithm');
  return createHash(algorithm).update(value).digest('hex');
}

function refusesAlgorithm(algorithm: unknown): string | undefined {
  if (typeof algorithm !== 'string' || ALGORITHMS.has(algorithm)) return undefined;
  return `There is no hash "${algorithm.slice(0, 20)}". Write one of ${[...ALGORITHMS].join(', ')}.`;
}

const HELLO_SHA256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

export const byteFunctions: readonly FunctionDefinition[] = [
  ...['bytes', 'string'].flatMap((type): FunctionDefinition[] => [
    {
      name: 'encode',
      receiver: BASE64,
      params: [['value', type]],
      returns: 'string',
      says: `writes ${type === 'bytes' ? 'bytes' : 'a text in UTF-8'} as base64`,
      examples: type === 'bytes' ? [["base64.encode(b'hello')", 'aGVsbG8=']] : [["base64.encode('é')", 'w6k=']],
      also: {
        name: BASE64,
        examples: type === 'bytes' ? [["base64(b'hello')", 'aGVsbG8=']] : [["base64('é')", 'w6k=']],
      },
      run: (_: unknown, value: string | Uint8Array) => encode(value),
    },
    {
      name: 'sha256',
      params: [['value', type]],
      returns: 'string',
      says: `gives the SHA-256 digest of ${type === 'bytes' ? 'bytes' : 'a text in UTF-8'}, in hexadecimal`,
      examples: type === 'bytes' ? [] : [["sha256('hello')", HELLO_SHA256]],
      run: (value: string | Uint8Array) => digest(value),
    },
    {
      name: 'hash',
      params: [['value', type]],
      returns: 'string',
      says: 'is `sha256(value)`',
      examples: type === 'bytes' ? [] : [["hash('hello')", HELLO_SHA256]],
      run: (value: string | Uint8Array) => digest(value),
    },
    {
      name: 'hash',
      params: [
        ['value', type],
        ['algorithm', 'string'],
      ],
      returns: 'string',
      says: 'gives the digest in hexadecimal by `sha256`, `sha384`, `sha512`, `sha1` or `md5`. The last two are for systems that ask for them: they protect nothing',
      examples: type === 'bytes' ? [] : [["hash('hello', 'md5')", '5d41402abc4b2a76b9719d911017c592']],
      run: digest,
      refuses: ([, algorithm]) => refusesAlgorithm(algorithm),
    },
  ]),
  {
    name: 'decode',
    receiver: BASE64,
    params: [['text', 'string']],
    returns: 'bytes',
    says: 'reads base64, with or without padding',
    examples: [["string(base64.decode('aGVsbG8='))", 'hello']],
    run: (_: unknown, text: string) => decode(text),
  },
  {
    // The function of the library fails for literals.
    name: 'json',
    receiver: 'bytes',
    params: [],
    returns: 'map<dyn, dyn>',
    says: 'reads bytes as JSON',
    examples: [
      ['b\'{"a": 1}\'.json().a', 1],
      ['string(b\'{"id": 9007199254740993}\'.json().id)', '9007199254740993'],
    ],
    run: parseJson,
  },
];
