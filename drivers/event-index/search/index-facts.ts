// Finds out up to where the blocks of a topic say all about its events.
import type { EventLog } from '../../event-log/event-log.ts';
import type { SearchIndex } from '../../search-index/search-index.ts';
import { EVENT_INDEX, INCARNATION, isObject, notThere, sweptOf } from './blocks.ts';

interface Known {
  readonly search: Pick<SearchIndex, 'document' | 'refresh'>;
  readonly log: Pick<EventLog, 'positions'>;
  groupOf(topic: string): string;
}

export interface Facts {
  /** A position says something where this is its metadata. */
  readonly mark: string | undefined;
  readonly positions: Awaited<ReturnType<EventLog['positions']>>;
}

export interface IndexFacts {
  /** Undefined where there is no index. */
  markOf(topic: string): Promise<string | undefined>;
  /** Searches find all blocks below the positions then. */
  of(topic: string): Promise<Facts>;
}

export function createIndexFacts({ search, log, groupOf }: Known): IndexFacts {
  const asked = new Map<string, Promise<Facts>>();
  const documentOf = (id: string) => search.document(EVENT_INDEX, id).catch(notThere);
  const markOf = async (topic: string) => {
    const [made, swept] = await Promise.all([documentOf(INCARNATION), documentOf(sweptOf(topic))]);
    const mark = made === undefined ? undefined : markIn(made.document);
    return mark === undefined || swept === undefined ? mark : `${mark}.${swept.version}`;
  };
  const ask = async (topic: string): Promise<Facts> => {
    const [mark, positions] = await Promise.all([markOf(topic), log.positions(groupOf(topic), topic)]);
    if (mark !== undefined) await search.refresh(EVENT_INDEX);
    return { mark, positions };
  };
  return {
    markOf,
    of(topic) {
      // A search looks through all partitions at once: questions of one turn share the answer.
      const known = asked.get(topic);
      if (known !== undefined) return known;
      const facts = ask(topic);
      asked.set(topic, facts);
      queueMicrotask(() => asked.delete(topic));
      return facts;
    },
  };
}

function markIn(document: unknown): string | undefined {
  return isObject(document) && typeof document['mark'] === 'string' ? document['mark'] : undefined;
}
