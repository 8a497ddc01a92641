// Finds the events that a person means: by the id of a job or an event, by a trace, or by a key,
// in this order, page by page.
import type { FoundEvent, FoundPage, LookedIn } from '../../admin/topic-view.ts';
import { parseJobId } from '../../core/jobs/job-id.ts';
import { createProgress } from '../output/progress.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';

export interface EventSearch {
  readonly text: string;
  /** The names of those that it looks through. */
  readonly namespaces: readonly string[];
  readonly topic: string | undefined;
  /** RFC 3339. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** So many are enough. */
  readonly most: number;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

export type FoundBy = 'job' | 'trace' | 'id' | 'key';

export interface EventFinds {
  /** The kind that the text turned out to be, or that was tried last. */
  readonly by: FoundBy;
  readonly found: readonly FoundEvent[];
  /** There may be more, or there are. */
  readonly isMore: boolean;
  /** How far it has looked, of all places that it has begun with. */
  readonly looked: readonly LookedIn[];
  /** The place before Ctrl-C; undefined when it has come to its end. */
  readonly stopped: LookedIn | undefined;
}

const PAGE = 100;
const TRACE = /^[0-9a-f]{32}$/;

export async function findEvents(
  search: EventSearch,
  client: Pick<AdminClient, 'findEvents'>,
  terminal: Terminal,
): Promise<EventFinds> {
  let finds: EventFinds = { by: 'id', found: [], isMore: false, looked: [], stopped: undefined };
  for (const by of waysOf(search.text)) {
    finds = await findBy(by, search, client, terminal);
    if (finds.found.length > 0 || finds.stopped !== undefined) return finds;
  }
  return finds;
}

export function waysOf(text: string): readonly FoundBy[] {
  const first: FoundBy[] = parseJobId(text) ? ['job'] : TRACE.test(text) ? ['trace'] : [];
  return [...first, 'id', 'key'];
}

async function findBy(
  by: FoundBy,
  search: EventSearch,
  client: Pick<AdminClient, 'findEvents'>,
  terminal: Terminal,
): Promise<EventFinds> {
  const all: EventFinds[] = [];
  for (const namespace of search.namespaces) {
    all.push(await findIn(namespace, by, search, client, terminal));
    if (search.signal.aborted) break;
  }
  const found = all.flatMap(each => each.found);
  // The newest of one namespace come first.
  if (all.length > 1) found.sort((a, b) => timeOf(b) - timeOf(a));
  return {
    by,
    found: found.slice(0, search.most),
    isMore: found.length > search.most || all.some(each => each.isMore),
    looked: all.flatMap(each => each.looked),
    stopped: all.at(-1)?.stopped,
  };
}

function timeOf({ appendedAt }: FoundEvent): number {
  return appendedAt === undefined ? 0 : Date.parse(appendedAt);
}

/** `found`: one more than are enough, where there are more. */
async function findIn(
  namespace: string,
  by: FoundBy,
  { text, topic, since, until, most, signal }: EventSearch,
  client: Pick<AdminClient, 'findEvents'>,
  terminal: Terminal,
): Promise<EventFinds> {
  const progress =
    terminal.talkColumns === undefined ? undefined : createProgress(`events searched by ${by}`, terminal);
  const found: FoundEvent[] = [];
  const looked = new Map<string, LookedIn>();
  let at: LookedIn | undefined;
  let after: string | undefined;
  try {
    do {
      const limit = String(Math.min(PAGE, most + 1 - found.length));
      const query = { namespace, topic, [by]: text, since, until, limit, after };
      const page: FoundPage = await client.findEvents(query, signal);
      found.push(...page.items);
      for (const one of page.looked) looked.set(`${one.owner.kind}/${one.owner.name}`, one);
      at = page.looked.at(-1) ?? at;
      if (at !== undefined) progress?.update(at.done, at.total);
      after = page.next;
    } while (after !== undefined && found.length <= most && !signal.aborted);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    progress?.end();
  }
  const stopped = signal.aborted ? at : undefined;
  const isMore = found.length > most || (after !== undefined && stopped === undefined && found.length > 0);
  return { by, found, isMore, looked: [...looked.values()], stopped };
}
