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

export function navigate(href: string, how: 'push' | 'replace' = 'push'): void {
  const to = new URL(href, location.origin);
  if (how === 'push') history.pushState(undefined, '', to);
  else history.replaceState(undefined, '', to);
  address.value = to;
  if (how === 'push') scrollTo(0, 0);
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
  addEventListener('popstate', () => {
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
