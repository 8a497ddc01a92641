// Reads times as `toISOString` writes them, which most are, in a tenth of the time: the day is
// known from the event before.
import { parseTimestamp } from '../../../core/world.ts';

const ZERO = 48;

/**
 * Milliseconds since 1970 of an RFC 3339 timestamp; undefined for anything else. Each parser
 * remembers the newest day.
 */
export function createTimeParser(): (text: string) => number | undefined {
  let day = '';
  let dayMs = 0;
  return text => {
    if (text.length !== 24 || text[23] !== 'Z' || text[19] !== '.' || text[10] !== 'T') return parseTimestamp(text);
    if (!text.startsWith(day) || day === '') {
      const ms = parseTimestamp(text);
      if (ms === undefined) return undefined;
      day = text.slice(0, 10);
      dayMs = ms - (ms % 86_400_000);
      return ms;
    }
    const hours = two(text, 11);
    const minutes = two(text, 14);
    const seconds = two(text, 17);
    const millis = (text.charCodeAt(20) - ZERO) * 100 + two(text, 21);
    const plain = text[13] === ':' && text[16] === ':' && digits(text, 11) && digits(text, 14) && digits(text, 17);
    if (!plain || !digits(text, 20) || !digits(text, 21) || hours > 23 || minutes > 59 || seconds > 59) {
      return parseTimestamp(text);
    }
    return dayMs + hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + millis;
  };
}

function two(text: string, at: number): number {
  return (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
}

function digits(text: string, at: number): boolean {
  const first = text.charCodeAt(at) - ZERO;
  const second = text.charCodeAt(at + 1) - ZERO;
  return first >= 0 && first <= 9 && second >= 0 && second <= 9;
}
