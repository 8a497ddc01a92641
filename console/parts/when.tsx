// A time as people read it: how long ago it was, with the local time and UTC when asked.
import { signal } from '@preact/signals';
import { spanWords } from './words.ts';

const TICK_MS = 5_000;

/** Milliseconds since 1970, now and then. */
export const clock = signal(Date.now());

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) clock.value = Date.now();
  }, TICK_MS);
}

const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** `at` is RFC 3339. */
export function When({ at, how = 'ago' }: { readonly at: string | undefined; readonly how?: 'ago' | 'for' | 'age' }) {
  if (at === undefined) return <span class="faint">–</span>;
  const ms = Math.max(clock.value, Date.now()) - Date.parse(at);
  const words = how === 'age' ? spanWords(ms) : how === 'for' ? `for ${spanWords(ms)}` : agoWords(ms);
  return (
    <time dateTime={at} title={`${local.format(new Date(at))} here\n${at.replace(/\.\d+Z$/, 'Z')} in UTC`}>
      {words}
    </time>
  );
}

/** Clocks of two machines differ a little. */
function agoWords(ms: number): string {
  if (Math.abs(ms) < 3_000) return 'just now';
  return ms > 0 ? `${spanWords(ms)} ago` : `in ${spanWords(-ms)}`;
}
