// Somebody who types into a field sees the letters at once, and a click meets what was under the
// pointer: what the page does by itself waits for the moment behind a key, or the end of a press.

/** News wait no longer; and without a key for so long, nobody types. */
const PAUSE_MS = 600;
/** A longer press is no click: it drags, or selects text. */
const PRESS_MS = 2_000;
/** The browser says that a press was a click within so long behind its end. */
const CLICK_MS = 100;

let keyAt = Number.NEGATIVE_INFINITY;
let isPressed = false;
let held: (() => void)[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** Acts now if nobody types or clicks, and else soon; in the order of the calls. */
export function betweenInputs(act: () => void): void {
  if (held.length === 0 && !isPressed && performance.now() - keyAt >= PAUSE_MS) {
    act();
    return;
  }
  // A page that nobody sees has no frames.
  if (held.length === 0 && !isPressed) timer = setTimeout(release, PAUSE_MS);
  held.push(act);
}

/** Lets in what waits: somebody who draws the page anew calls it, as both are one drawing then. */
export function release(): void {
  clearTimeout(timer);
  isPressed = false;
  const acts = held;
  held = [];
  for (const act of acts) act();
}

/** Hears of each key and press before the page does. */
export function hearInputs(): void {
  addEventListener('keydown', heardKey, { capture: true });
  addEventListener('pointerdown', () => holdFor(PRESS_MS), { capture: true });
  for (const end of ['pointerup', 'pointercancel'])
    addEventListener(end, () => isPressed && holdFor(CLICK_MS), { capture: true });
}

function heardKey({ key, target }: KeyboardEvent): void {
  // That one asks for something.
  if (key === 'Enter' || !(target instanceof Element) || !target.matches('input, textarea, select')) return;
  keyAt = performance.now();
  // The letter is painted in the first frame, and what it finds in the next one.
  if (held.length > 0) afterFrame(() => afterFrame(() => !isPressed && release()));
}

/** A link that moves between the press and its end is not clicked: the browser drops the click. */
function holdFor(ms: number): void {
  clearTimeout(timer);
  isPressed = true;
  timer = setTimeout(release, ms);
}

function afterFrame(act: () => void): void {
  requestAnimationFrame(() => setTimeout(act));
}
