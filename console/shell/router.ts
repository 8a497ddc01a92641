// Which page is shown. All of its state is in the address, so that it can be sent to somebody.
import { computed, signal } from '@preact/signals';

const ROOT = '/console/';

const address = signal(new URL(location.href));

/** Parts of the path below the root, decoded. */
export const path = computed(() =>
  address.value.pathname
    .slice(ROOT.length)
    .split('/')
    .filter(part => part !== '')
    .map(decoded),
);
/** A part that is no proper text stays as it stands: no page has that name. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const query = computed(() => address.value.searchParams);

/** The browser hears of an address that follows keys once no key came for so long. */
const SOON_MS = 500;
let later: ReturnType<typeof setTimeout> | undefined;

/** `soon` replaces, for each letter that is typed: to tell the browser takes some time. */
export function navigate(href: string, how: 'push' | 'replace' | 'soon' = 'push'): void {
  const to = new URL(href, location.origin);
  if (how === 'push') {
    tellNow();
    history.pushState(undefined, '', to);
  }
  address.value = to;
  if (how === 'replace') tellAddress();
  if (how === 'soon') {
    clearTimeout(later);
    later = setTimeout(tellAddress, SOON_MS);
  }
  if (how === 'push') scrollTo(0, 0);
}

/** The way back, a copy of the address and a page that is loaded anew have what is shown. */
function tellNow(): void {
  if (later !== undefined) tellAddress();
}

function tellAddress(): void {
  clearTimeout(later);
  later = undefined;
  history.replaceState(undefined, '', address.value);
}

/** The address of a page; what is undefined or empty is left out of the query. */
export function linkTo(parts: readonly string[], said: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(said)) if (value) search.set(name, value);
  const where = ROOT + parts.map(encodeURIComponent).join('/');
  return search.size === 0 ? where : `${where}?${search}`;
}

/** This page with other filters. */
export function withQuery(said: Readonly<Record<string, string | undefined>>): string {
  return linkTo(path.value, { ...Object.fromEntries(query.value), ...said });
}

/** Follows links of the Console without loading the page anew. */
export function followLinks(): void {
  for (const name of ['blur', 'beforeunload', 'pagehide']) addEventListener(name, tellNow);
  addEventListener('popstate', () => {
    clearTimeout(later);
    later = undefined;
    address.value = new URL(location.href);
  });
  document.addEventListener('click', event => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !isPlain || event.defaultPrevented || link.target !== '' || !link.pathname.startsWith(ROOT)) return;
    if (link.origin !== location.origin || link.hasAttribute('download')) return;
    event.preventDefault();
    navigate(link.href);
  });
}
