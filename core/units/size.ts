// Sizes as written in resources: bytes with Kubernetes' binary (`Ki`, `Mi`, `Gi`) or decimal
// (`k`, `M`, `G`) suffixes.

/** The number of bytes that a suffix stands for. */
export const SIZE_FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

export const SIZE_PATTERN = '^[0-9]+(k|M|G|T|Ki|Mi|Gi|Ti)?$';

const WHOLE = new RegExp(SIZE_PATTERN);

/** Bytes of a size string, or undefined when it is none or larger than 2^53. */
export function parseSize(text: string): number | undefined {
  if (text.length > 20 || !WHOLE.test(text)) return undefined;
  const digits = Number.parseInt(text, 10);
  const bytes = digits * (SIZE_FACTORS[text.replace(/^[0-9]+/, '')] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
