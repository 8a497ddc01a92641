// Asks for page after page of a list, up to as many items as are wanted.
import type { Page } from '../../admin/page.ts';

/** Most items of one page of the admin API. */
const PAGE = 1000;

/** `more`: there are others beyond the limit. */
export async function collectPages<T>(
  limit: number,
  ask: (page: { readonly limit: string; readonly after?: string }) => Promise<Page<T>>,
): Promise<{ readonly items: readonly T[]; readonly more: boolean }> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const room = String(Math.min(PAGE, limit - items.length));
    const page = await ask({ limit: room, ...(after === undefined ? {} : { after }) });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined && items.length < limit);
  return { items, more: after !== undefined };
}
