// Rounding and comparing numbers: the names and the rules of CEL's extension `math`.
import { type FunctionDefinition, failed, overflow } from './definition.ts';
import { extremeOf } from './lists.ts';

type CelNumber = number | bigint;

export const MATH = 'math';
const MAX_DIGITS = 15;
const MAX_INT = 2n ** 63n - 1n;

/** Halves go away from zero, by the digits that are written: 1.005 gives 1.01 for two digits. */
function round(value: CelNumber, digits: bigint = 0n): CelNumber {
  if (digits < -MAX_DIGITS || digits > MAX_DIGITS) throw failed('invalid_digits');
  if (typeof value === 'bigint') return digits >= 0n ? value : roundInt(value, 10n ** -digits);
  if (!Number.isFinite(value)) return value;
  const up = shifted(Math.abs(value), Number(digits));
  // A number with no digits left to round stays as it is, and so does one that has as many as a
  // double holds: moving its point would change it.
  if (!Number.isFinite(up) || (digits >= 0n && up >= 2 ** 53)) return value;
  const rounded = shifted(Math.round(up), -Number(digits));
  // JSON knows no -0.
  return value < 0 ? 0 - rounded : rounded;
}

function roundInt(value: bigint, unit: bigint): bigint {
  const sign = value < 0n ? -1n : 1n;
  const rounded = ((value * sign + unit / 2n) / unit) * unit * sign;
  if (rounded > MAX_INT || rounded < -MAX_INT - 1n) throw overflow();
  return rounded;
}

/** Moves the decimal point of what is written, which multiplying would not do exactly. */
function shifted(value: number, digits: number): number {
  const [mantissa, exponent = '0'] = String(value).split('e');
  return Number(`${mantissa}e${Number(exponent) + digits}`);
}

function whole(run: (value: number) => number) {
  return (value: CelNumber): CelNumber => (typeof value === 'bigint' ? value : run(value) + 0);
}

function abs(value: CelNumber): CelNumber {
  if (typeof value === 'number') return Math.abs(value);
  if (value < -MAX_INT) throw overflow();
  return value < 0n ? -value : value;
}

function sign(value: CelNumber): CelNumber {
  return typeof value === 'number' ? Math.sign(value) + 0 : value > 0n ? 1n : value < 0n ? -1n : 0n;
}

function extreme(direction: 1 | -1) {
  return (_: unknown, ...values: unknown[]): unknown => extremeOf(values, direction);
}

const withoutNamespace = (examples: FunctionDefinition['examples']): FunctionDefinition['examples'] =>
  examples.slice(0, 1).map(([source, value]) => [source.replace(`${MATH}.`, ''), value]);

/** Each for fractions and for whole numbers, which stay whole. */
function forBoth(
  name: string,
  says: string,
  run: (value: CelNumber) => CelNumber,
  examples: FunctionDefinition['examples'],
): FunctionDefinition[] {
  const of = (type: string, shown: FunctionDefinition['examples']): FunctionDefinition => ({
    name,
    receiver: MATH,
    params: [['value', type]],
    returns: type,
    says,
    examples: shown,
    also: { name, examples: withoutNamespace(shown) },
    run: (_: unknown, value: CelNumber) => run(value),
  });
  return [of('double', examples), of('int', [])];
}

const ROUND_SAYS =
  'rounds to a whole number, or to so many digits after the point (before it, where negative). Halves go away from zero';

export const numberFunctions: readonly FunctionDefinition[] = [
  ...forBoth('round', ROUND_SAYS, value => round(value), [
    ['math.round(2.5)', 3],
    ['math.round(-2.5)', -3],
  ]),
  ...['double', 'int'].map((type): FunctionDefinition => {
    const examples: FunctionDefinition['examples'] =
      type === 'double'
        ? [
            ['math.round(1.005, 2)', 1.01],
            ['math.round(1250, -2)', 1300],
          ]
        : [];
    return {
      name: 'round',
      receiver: MATH,
      params: [
        ['value', type],
        ['digits', 'int'],
      ],
      returns: type,
      says: ROUND_SAYS,
      examples,
      also: { name: 'round', examples: withoutNamespace(examples) },
      run: (_: unknown, value: CelNumber, digits: bigint) => round(value, digits),
    };
  }),
  ...forBoth('floor', 'gives the next whole number that is not above', whole(Math.floor), [['math.floor(-1.2)', -2]]),
  ...forBoth('ceil', 'gives the next whole number that is not below', whole(Math.ceil), [['math.ceil(1.2)', 2]]),
  ...forBoth('trunc', 'leaves the fraction out', whole(Math.trunc), [['math.trunc(-1.9)', -1]]),
  ...forBoth('abs', 'gives the number without its sign', abs, [['math.abs(-3)', 3]]),
  ...forBoth('sign', 'gives -1, 0 or 1', sign, [['math.sign(-0.5)', -1]]),
  ...[2, 3, 4].flatMap((count): FunctionDefinition[] => {
    const params = Array.from({ length: count }, (_, index) => [`value${index + 1}`, 'dyn'] as const);
    const of = (name: string, also: string, says: string, direction: 1 | -1, example: unknown): FunctionDefinition => ({
      name,
      also: { name: also, examples: count === 2 ? [[`${also}(3, 4.5)`, example]] : [] },
      receiver: MATH,
      params,
      returns: 'dyn',
      says,
      examples: count === 2 ? [[`math.${name}(3, 4.5)`, example]] : [],
      run: extreme(direction),
      isDeep: true,
    });
    return [
      of('greatest', 'max', 'gives the greatest of two to four values; of more, take `[…].max()`', 1, 4.5),
      of('least', 'min', 'gives the least of two to four values; of more, take `[…].min()`', -1, 3),
    ];
  }),
];
