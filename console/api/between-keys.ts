// Somebody who types into a field sees the letters at once: news of the platform wait for the
// moment behind a key.

/** News wait no longer; and without a key for so long, nobody types. */
const PAUSE_MS = 600;

let keyAt = Number.NEGATIVE_INFINITY;
let held: (() => void)[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** Acts now if nobody types, and else soon; in the order of the calls. */
export function betweenKeys(act: () => void): void {
  if (held.length === 0 && performance.now() - keyAt >= PAUSE_MS) {
    act();
    return;
  }
  // A page that nobody sees has no frames.
  if (held.length === 0) timer = setTimeout(release, PAUSE_MS);
  held.push(act);
}

/** Lets in what waits: somebody who draws the page anew calls it, as both are one drawing then. */
export function release(): void {
  clearTimeout(timer);
  const acts = held;
  held = [];
  for (const act of acts) act();
}

/** Hears of each key before the page does. */
export function hearKeys(): void {
  addEventListener('keydown', heard, { capture: true });
}

function heard({ key, target }: KeyboardEvent): void {
  // That one asks for something.
  if (key === 'Enter' || !(target instanceof Element) || !target.matches('input, textarea, select')) return;
  keyAt = performance.now();
  // The letter is painted in the first frame, and what it finds in the next one.
  if (held.length > 0) afterFrame(() => afterFrame(release));
}

function afterFrame(act: () => void): void {
  requestAnimationFrame(() => setTimeout(act));
}
