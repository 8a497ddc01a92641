// Somebody who types sees the letters at once: news of the platform wait for the moment behind a
// key, or until no more keys come.

/** Without a key for so long, nobody types. */
const PAUSE_MS = 600;
/** News wait no longer, however fast somebody types. */
const LONGEST_MS = 2_000;

let keyAt = Number.NEGATIVE_INFINITY;
let held: (() => void)[] = [];
let heldSince = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let frame: number | undefined;

/** Acts now if nobody types, and else soon; in the order of the calls. */
export function betweenKeys(act: () => void): void {
  const now = performance.now();
  if (held.length === 0 && now - keyAt >= PAUSE_MS) {
    act();
    return;
  }
  if (held.length === 0) {
    heldSince = now;
    timer = setTimeout(release, PAUSE_MS - (now - keyAt));
  }
  held.push(act);
}

/** Hears of each key before the page does. */
export function hearKeys(): void {
  addEventListener('keydown', heard, { capture: true });
}

function heard(): void {
  keyAt = performance.now();
  if (held.length === 0) return;
  clearTimeout(timer);
  // A page that nobody sees has no frames.
  timer = setTimeout(release, PAUSE_MS);
  const isOverdue = keyAt - heldSince >= LONGEST_MS;
  if (frame !== undefined && !isOverdue) cancelAnimationFrame(frame);
  // The letter is painted in the first frame, and what it finds in the next one.
  if (frame === undefined || !isOverdue) frame = requestAnimationFrame(() => setTimeout(afterNext));
}

function afterNext(): void {
  frame = requestAnimationFrame(() => setTimeout(release));
}

/** Lets in what waits: somebody who draws the page anew calls it, as both are one drawing then. */
export function release(): void {
  clearTimeout(timer);
  if (frame !== undefined) cancelAnimationFrame(frame);
  frame = undefined;
  const acts = held;
  held = [];
  for (const act of acts) act();
}
