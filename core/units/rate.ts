// Rates as written in resources: a count per second, minute, hour or day, e.g. `100/s`.

const PERIOD_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export const RATE_PATTERN = '^[0-9]+(\\.[0-9]+)?/(s|m|h|d)$';

const WHOLE = new RegExp(RATE_PATTERN);

export interface Rate {
  readonly count: number;
  readonly periodMs: number;
}

/** The rate of a string such as `100/s`, or undefined when it is none or not above zero. */
export function parseRate(text: string): Rate | undefined {
  if (text.length > 32 || !WHOLE.test(text)) return undefined;
  const [count, period] = text.split('/') as [string, keyof typeof PERIOD_MS];
  const rate = { count: Number(count), periodMs: PERIOD_MS[period] };
  return rate.count > 0 && Number.isFinite(rate.count) ? rate : undefined;
}
