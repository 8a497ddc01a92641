// Checks timestamps as RFC 3339 §5.6 writes them, without building a date: this is
// on the path of every event.

const ZERO = 48;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether `text` is an RFC 3339 date-time that exists in the calendar; leap
 * seconds (`:60`) are allowed.
 */
export function isRfc3339(text: string): boolean {
  const length = text.length;
  if (length < 20 || length > 64) return false;
  const separator = text.charCodeAt(10) | 32;
  if (text[4] !== '-' || text[7] !== '-' || separator !== 116 || text[13] !== ':' || text[16] !== ':') return false;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  // NaN fails every comparison, so each check is written to hold only for real numbers.
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return false;
  if (!(twoDigits(text, 11) <= 23 && twoDigits(text, 14) <= 59 && twoDigits(text, 17) <= 60)) return false;
  let at = 19;
  if (text[at] === '.') {
    const first = ++at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at === first) return false;
  }
  const zone = text[at];
  if (zone === 'Z' || zone === 'z') return at + 1 === length;
  if ((zone !== '+' && zone !== '-') || at + 6 !== length || text[at + 3] !== ':') return false;
  return twoDigits(text, at + 1) <= 23 && twoDigits(text, at + 4) <= 59;
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return DAYS[month - 1] ?? 0;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at);
  const ones = text.charCodeAt(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - ZERO) * 10 + ones - ZERO : Number.NaN;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}
