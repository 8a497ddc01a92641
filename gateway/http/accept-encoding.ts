// Which encodings of a body a client takes (RFC 9110 §12.5.3).

/** The encodings that the gateway can make. */
const ENCODINGS = ['zstd', 'br', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** A client names a handful of encodings; more are no list but an attack. */
const MAX_LENGTH = 512;

/**
 * The offered encoding that the client likes best, the first among equals;
 * undefined: none, so as it is.
 */
export function chooseEncoding(header: string | undefined, offered: readonly Encoding[]): Encoding | undefined {
  const weights = parse(header);
  let best: Encoding | undefined;
  let bestWeight = 0;
  for (const encoding of offered) {
    const weight = weights.get(encoding) ?? weights.get('*') ?? 0;
    if (weight > bestWeight) {
      best = encoding;
      bestWeight = weight;
    }
  }
  // A client may want it plain rather than so.
  return bestWeight >= (weights.get('identity') ?? 0) ? best : undefined;
}

/** The same for all headers that take the same encodings: `br,gzip`; empty for none. */
export function acceptedEncodings(header: string | undefined): string {
  const weights = parse(header);
  return ENCODINGS.filter(encoding => (weights.get(encoding) ?? weights.get('*') ?? 0) > 0).join(',');
}

function parse(header: string | undefined): Map<string, number> {
  const weights = new Map<string, number>();
  if (header === undefined || header.length > MAX_LENGTH) return weights;
  for (const part of header.split(',')) {
    const [coding = '', ...parameters] = part.split(';');
    const name = coding.trim().toLowerCase();
    if (name !== '') weights.set(name === 'x-gzip' ? 'gzip' : name, weightOf(parameters));
  }
  return weights;
}

function weightOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const match = /^\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*$/i.exec(parameter);
    if (match) return Number(match[1]);
  }
  return 1;
}
