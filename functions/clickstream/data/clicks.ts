// Clicks of the last hours, the same readers and pages each time; some come out of order, some are
// far too late, some are a machine's.
import { createHash } from 'node:crypto';
import { pages } from '../pages.ts';

export interface ClickEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: '/magazine';
  readonly type: 'PageViewed';
  readonly time: string;
  readonly data: { readonly page: string; readonly user: string; readonly ms: number; readonly agent: string };
}

export const CLICKS = 5_000;
/** The hours that the clicks are spread over. */
export const HOURS = 6;
const READERS = 400;
const AGENTS = [
  'Mozilla/5.0 (X11; Linux)',
  'Mozilla/5.0 (iPhone) Mobile',
  'Mozilla/5.0 (Windows NT)',
  'Crawler/2.1 (bot)',
];
/** Clicks may come so much later than they happened; the windows allow for more. */
const DISORDER_MS = 60_000;

/** `endMs`: when the last of them happened. In the order in which they are told. */
export function* clicks(endMs: number, count = CLICKS): Generator<ClickEvent> {
  const everyMs = (HOURS * 3_600_000) / CLICKS;
  for (let number = 0; number < count; number++) {
    const told = endMs - (count - 1 - number) * everyMs;
    // One in ten was on its way for a while.
    const timeMs = number % 10 === 3 ? told - draw(number, 'way') * DISORDER_MS : told;
    yield click(`click-${number}`, timeMs, number);
  }
}

/** Clicks of a phone that had no net for hours. */
export function* lateClicks(endMs: number, count = 20): Generator<ClickEvent> {
  for (let number = 0; number < count; number++) {
    yield click(`late-${number}`, endMs - HOURS * 3_600_000 + number * 1_000, number * 17);
  }
}

function click(id: string, timeMs: number, number: number): ClickEvent {
  const paths = Object.keys(pages);
  const page = paths[Math.floor(draw(number, 'page') ** 2 * paths.length)] ?? '/';
  const user = `reader-${Math.floor(draw(number, 'reader') * READERS)}`;
  const agent = AGENTS[Math.floor(draw(number, 'agent') * AGENTS.length)] ?? '';
  const ms = Math.round(20 + draw(number, 'ms') ** 4 * 2_000);
  const time = new Date(timeMs).toISOString();
  return { specversion: '1.0', id, source: '/magazine', type: 'PageViewed', time, data: { page, user, ms, agent } };
}

/** From 0 up to but not including 1, the same for the same number. */
function draw(number: number, what: string): number {
  return createHash('sha256').update(`${number} ${what}`).digest().readUInt32LE() / 2 ** 32;
}
