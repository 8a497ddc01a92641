// Avro's logical type decimal: an unscaled number in two's complement, as
// the text that people write.
import avsc, { type Schema, type Type } from 'avsc';

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const MOST_DIGITS = 1000;

export class DecimalType extends avsc.types.LogicalType {
  readonly scale: number;
  readonly precision: number;

  constructor(schema: Schema, options?: unknown) {
    super(schema, options as never);
    const { precision, scale = 0 } = schema as { precision?: number; scale?: number };
    const isValid = Number.isInteger(precision) && Number.isInteger(scale) && scale >= 0;
    if (!isValid || (precision ?? 0) < Math.max(scale, 1) || (precision ?? 0) > MOST_DIGITS)
      throw new Error('a decimal has a wrong precision or scale');
    this.precision = precision ?? 0;
    this.scale = scale;
  }

  /** Bytes that it always takes; undefined where it takes as many as it needs. */
  get size(): number | undefined {
    const { underlyingType } = this;
    return underlyingType.typeName === 'fixed' ? (underlyingType as avsc.types.FixedType).size : undefined;
  }

  protected override _fromValue(value: unknown): unknown {
    return value;
  }

  protected override _toValue(value: unknown): unknown {
    return value;
  }
}

export const isDecimal = (type: Type): type is DecimalType => type instanceof DecimalType;

export function decimalText({ scale, precision }: DecimalType, bytes: Buffer): string {
  if (bytes.length > precision) throw new Error('a decimal has more digits than its type');
  const unscaled = bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Undefined for what is no such decimal. */
export function decimalBytes({ scale, precision, size }: DecimalType, value: unknown): Buffer | undefined {
  const [, sign, whole = '', fraction = ''] =
    DECIMAL.exec(typeof value === 'number' ? String(value) : `${value}`) ?? [];
  if (sign === undefined || fraction.length > scale) return undefined;
  const digits = (whole + fraction.padEnd(scale, '0')).replace(/^0+(?=\d)/, '');
  if (digits.length > precision) return undefined;
  const unscaled = BigInt(sign + digits);
  let length = size ?? 1;
  while (size === undefined && BigInt.asIntN(length * 8, unscaled) !== unscaled) length++;
  if (BigInt.asIntN(length * 8, unscaled) !== unscaled) return undefined;
  return Buffer.from(
    BigInt.asUintN(length * 8, unscaled)
      .toString(16)
      .padStart(length * 2, '0'),
    'hex',
  );
}
