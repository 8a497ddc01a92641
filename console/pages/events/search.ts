// Finds the events that a person means: by the id of a job or an event, by a trace, or by a key, in
// this order, page by page.
import type { FoundEvent, LookedIn } from '../../../admin/topic-view.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { type Way, waysOf } from './ways.ts';

export interface Finds {
  /** The kind of name that the text turned out to be, or that was tried last. */
  readonly by: Way;
  readonly found: readonly FoundEvent[];
  /** There may be more than these. */
  readonly isMore: boolean;
  /** How far it has looked, and in how much. */
  readonly done: number;
  readonly total: number;
  readonly isEnded: boolean;
}

const MOST = 50;
const OLDEST = '1970-01-01T00:00:00Z';

/** `tell` hears how far it is, after each page of answers. */
export async function findEvents(
  text: string,
  namespace: string,
  tell: (finds: Finds) => void,
  signal: AbortSignal,
): Promise<Finds> {
  let finds: Finds = { by: 'id', found: [], isMore: false, done: 0, total: 0, isEnded: false };
  for (const by of waysOf(text)) {
    finds = { by, found: [], isMore: false, done: 0, total: 0, isEnded: false };
    const looked = new Map<string, LookedIn>();
    let after: string | undefined;
    do {
      const query = { namespace, [by]: text, limit: String(MOST - finds.found.length), after };
      const page = await ask(endpoints.findEvents, { params: {}, query }, signal);
      for (const one of page.looked) looked.set(`${one.owner.kind}/${one.owner.name}`, one);
      const all = [...looked.values()];
      after = page.next;
      finds = {
        ...finds,
        found: [...finds.found, ...page.items].toSorted(newestFirst),
        isMore: after !== undefined,
        done: all.reduce((sum, { done }) => sum + done, 0),
        total: all.reduce((sum, { total }) => sum + total, 0),
      };
      tell(finds);
    } while (after !== undefined && finds.found.length < MOST);
    if (finds.found.length > 0) break;
  }
  const ended = { ...finds, isEnded: true };
  tell(ended);
  return ended;
}

/** The last are events of which the log does not know the time. */
function newestFirst({ appendedAt: one = '' }: FoundEvent, { appendedAt: other = '' }: FoundEvent): number {
  return Date.parse(other || OLDEST) - Date.parse(one || OLDEST);
}
