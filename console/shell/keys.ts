// The keyboard: what a person can press anywhere. Rows of lists are links or buttons with `data-
// row`.
import { signal } from '@preact/signals';
import { linkTo, navigate } from './router.ts';

export const isHelpOpen = signal(false);

export const shortcuts: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['/'], does: 'Find an event by its id, key, trace or job' },
  { keys: ['j', 'k'], does: 'Go to the next or the previous row' },
  { keys: ['Enter'], does: 'Open the row' },
  { keys: ['←', '↑', '→', '↓'], does: 'Go from box to box in the graph' },
  { keys: ['g', 'w'], does: 'Go to what is wrong' },
  { keys: ['g', 't'], does: 'Go to what is there' },
  { keys: ['g', 'f'], does: 'Go to failures' },
  { keys: ['g', 'o'], does: 'Go to operations' },
  { keys: ['g', 'r'], does: 'Go to resources' },
  { keys: ['g', 'e'], does: 'Go to the Topics and their events' },
  { keys: ['g', 'c'], does: 'Go to schedules' },
  { keys: ['g', 'q'], does: 'Go to SQL' },
  { keys: ['g', 'a'], does: 'Go to the audit log' },
  { keys: ['g', 's'], does: 'Go to the settings' },
  { keys: ['Esc'], does: 'Leave a field, or close what is open' },
  { keys: ['?'], does: 'Show this list' },
];

const PLACES: Readonly<Record<string, readonly string[]>> = {
  w: [],
  t: ['graph'],
  f: ['failures'],
  o: ['operations'],
  r: ['resources'],
  e: ['topics'],
  c: ['schedules'],
  q: ['sql'],
  a: ['audit'],
  s: ['settings'],
};
const GO_WITHIN_MS = 1_500;

export function listenToKeys(): void {
  let wentAt = 0;
  document.addEventListener('keydown', event => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
    const { target, key } = event;
    if (target instanceof HTMLElement && (target.matches('input, textarea, select') || target.isContentEditable)) {
      if (key === 'Escape') target.blur();
      return;
    }
    if (document.querySelector('dialog[open]')) return;
    const place = PLACES[key];
    if (event.timeStamp - wentAt < GO_WITHIN_MS && place) navigate(linkTo(place));
    else if (key === 'g') wentAt = event.timeStamp;
    else if (key === '/') focusOn('[data-search]');
    else if (key === '?') isHelpOpen.value = true;
    else if (key === 'j' || key === 'k') moveBy(key === 'j' ? 1 : -1);
    else return;
    if (key !== 'g') wentAt = 0;
    event.preventDefault();
  });
}

function focusOn(selector: string): void {
  const found = document.querySelector<HTMLInputElement>(selector);
  found?.focus();
  found?.select();
}

function moveBy(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const focused = document.activeElement;
  const now = focused instanceof HTMLElement ? rows.indexOf(focused) : -1;
  const next = now === -1 ? (step === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, now + step));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: 'nearest' });
}
