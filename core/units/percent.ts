// Percentages as written in resources: `0.1%`, `50%`, `100%`.

export const PERCENT_PATTERN = '^[0-9]+(\\.[0-9]+)?%$';

const WHOLE = new RegExp(PERCENT_PATTERN);

/** The fraction (0 to 1) of a percentage string, or undefined when it is none or above 100%. */
export function parsePercent(text: string): number | undefined {
  if (text.length > 16 || !WHOLE.test(text)) return undefined;
  const fraction = Number(text.slice(0, -1)) / 100;
  return fraction <= 1 ? fraction : undefined;
}
