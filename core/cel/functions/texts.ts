// Texts, counted in characters (code points) as `size` counts them. The library counts the halves
// of emoji, and lowers letters that are not ASCII.

import { MAX_UNITS } from '../limits.ts';
import { type FunctionDefinition, outOfRange, tooLong } from './definition.ts';
import { formatText } from './format.ts';

const HALVES = /[\ud800-\udfff]/;

/** The index in code units of a character; `outOfRange` beyond the end. */
function unitsAt(text: string, index: bigint): number {
  const place = Number(index);
  if (place < 0 || place > text.length) throw outOfRange();
  if (!HALVES.test(text)) return place;
  let units = 0;
  for (let left = place; left > 0; left--) {
    const point = text.codePointAt(units);
    if (point === undefined) throw outOfRange();
    units += point > 0xffff ? 2 : 1;
  }
  return units;
}

function charactersBefore(text: string, units: number): bigint {
  if (units <= 0 || !HALVES.test(text)) return BigInt(units);
  let count = 0n;
  for (let at = 0; at < units; count++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

function indexOf(text: string, part: string, from = 0n): bigint {
  return charactersBefore(text, text.indexOf(part, unitsAt(text, from)));
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const at = from === undefined ? text.lastIndexOf(part) : text.lastIndexOf(part, unitsAt(text, from));
  return charactersBefore(text, at);
}

function substring(text: string, start: bigint, end?: bigint): string {
  const [first, last] = [unitsAt(text, start), end === undefined ? text.length : unitsAt(text, end)];
  if (last < first) throw outOfRange();
  return text.slice(first, last);
}

function charAt(text: string, index: bigint): string {
  const point = text.codePointAt(unitsAt(text, index));
  return point === undefined ? '' : String.fromCodePoint(point);
}

/** An empty part stands before each character and at the end. */
function replace(text: string, part: string, by: string, limit = -1n): string {
  const pieces = part === '' ? ['', ...text] : text.split(part);
  if (part === '') pieces.push('');
  const most = limit < 0n ? pieces.length - 1 : Math.min(pieces.length - 1, Number(limit));
  if (text.length + most * by.length > MAX_UNITS) throw tooLong();
  if (part === '') return replaceBetween(pieces.slice(1, -1), by, most);
  return [...pieces.slice(0, most), pieces.slice(most).join(part)].join(by);
}

function replaceBetween(characters: readonly string[], by: string, most: number): string {
  const written = characters.map((character, index) => (index < most ? by + character : character));
  return written.join('') + (most > characters.length ? by : '');
}

const ascii = (from: RegExp, run: (text: string) => string) => (text: string) => text.replace(from, run);

const text = { receiver: 'string', returns: 'string' } as const;
const start = ['start', 'int'] as const;
const part = ['part', 'string'] as const;

export const textFunctions: readonly FunctionDefinition[] = [
  {
    ...text,
    name: 'format',
    params: [['values', 'list<dyn>']],
    says: 'puts values where the text says %s (any value), %d (a whole number), %f or %.2f (a fraction), %e, %x, %X, %o or %b; %% is a percent sign',
    examples: [
      ["'%s owes %.2f'.format(['Ada', 12.5])", 'Ada owes 12.50'],
      ["'%d%%'.format([50])", '50%'],
    ],
    also: { name: 'format', examples: [["format('%s owes %.2f', ['Ada', 12.5])", 'Ada owes 12.50']] },
    run: formatText,
    isDeep: true,
  },
  {
    ...text,
    name: 'replace',
    params: [part, ['by', 'string']],
    says: 'replaces each such part',
    examples: [["'a-b-c'.replace('-', '')", 'abc']],
    also: { name: 'replace', examples: [["replace('a-b-c', '-', '')", 'abc']] },
    run: replace,
  },
  {
    ...text,
    name: 'replace',
    params: [part, ['by', 'string'], ['limit', 'int']],
    says: 'replaces the first so many parts; all of them where the limit is negative',
    examples: [["'a-b-c'.replace('-', '+', 1)", 'a+b-c']],
    also: { name: 'replace', examples: [["replace('a-b-c', '-', '+', 1)", 'a+b-c']] },
    run: replace,
  },
  {
    ...text,
    name: 'charAt',
    params: [['index', 'int']],
    says: 'gives one character; nothing at the end',
    examples: [["'😀a'.charAt(1)", 'a']],
    run: charAt,
  },
  {
    ...text,
    name: 'substring',
    params: [start],
    says: 'gives the text from there on',
    examples: [["'😀ab'.substring(1)", 'ab']],
    run: substring,
  },
  {
    ...text,
    name: 'substring',
    params: [start, ['end', 'int']],
    says: 'gives the text from there up to the end, which is left out',
    examples: [["'2026-01-31'.substring(0, 7)", '2026-01']],
    run: substring,
  },
  ...(['indexOf', 'lastIndexOf'] as const).flatMap((name): FunctionDefinition[] => {
    const run = name === 'indexOf' ? indexOf : lastIndexOf;
    const which = name === 'indexOf' ? 'first' : 'last';
    return [
      {
        ...text,
        name,
        returns: 'int',
        params: [part],
        says: `gives where the ${which} such part begins; -1 where there is none`,
        examples: [[`'😀-b-c'.${name}('-')`, name === 'indexOf' ? 1 : 3]],
        run,
      },
      {
        ...text,
        name,
        returns: 'int',
        params: [part, ['from', 'int']],
        says: `does so ${name === 'indexOf' ? 'from there on' : 'from there back'}`,
        examples: [[`'a-b-c'.${name}('-', 2)`, name === 'indexOf' ? 3 : 1]],
        run,
      },
    ];
  }),
  {
    ...text,
    name: 'lowerAscii',
    params: [],
    says: 'lowers A to Z and leaves all else',
    examples: [["'ÀBC'.lowerAscii()", 'Àbc']],
    run: ascii(/[A-Z]+/g, upper => upper.toLowerCase()),
  },
  {
    ...text,
    name: 'upperAscii',
    params: [],
    says: 'raises a to z and leaves all else',
    examples: [["'straße'.upperAscii()", 'STRAßE']],
    run: ascii(/[a-z]+/g, lower => lower.toUpperCase()),
  },
];
