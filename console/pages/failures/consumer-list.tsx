// The part that lists of one consumer share: the consumer and the filters are in the address, and
// chosen rows stay chosen until a person lets them go or asks for another list.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { failuresOf } from '../../api/heard.ts';
import { type Live, useLive } from '../../api/live.ts';
import { Empty } from '../../parts/view.tsx';
import { linkTo, query } from '../../shell/router.ts';
import { consumerIn, type NamedConsumer } from '../consumer.ts';

export type ListFilter = Readonly<Record<string, string>>;

export interface Choice {
  readonly ids: readonly string[];
  has(id: string): boolean;
  toggle(id: string): void;
  clear(): void;
}

export interface ConsumerList<T> {
  /** Undefined where the address names none. */
  readonly consumer: NamedConsumer | undefined;
  readonly filter: ListFilter;
  readonly answer: Live<T>;
  readonly choice: Choice;
}

/**
 * `what` tells one kind of list from another. `filters` are the names that the address may have,
 * and `limit` counts where the address says none.
 */
export function useConsumerList<T>(
  what: string,
  filters: readonly string[],
  limit: string,
  load: (query: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<T>,
): ConsumerList<T> {
  const said = query.value;
  const consumer = consumerIn(said);
  const filter = Object.fromEntries(filters.flatMap(name => (said.get(name) ? [[name, said.get(name) ?? '']] : [])));
  const asked = consumer && { ...consumer, ...filter, limit: said.get('limit') ?? limit };
  const key = JSON.stringify([what, asked]);
  const answer = useLive(key, asked && (signal => load(asked, signal)), { on: failuresOf(consumer) });
  const choice = useChoice(JSON.stringify([what, consumer, filter]));
  return { consumer, filter, answer, choice };
}

/** Rows are chosen by their ids; those of one list mean nothing in another. */
function useChoice(list: string): Choice {
  const [state, setState] = useState<{ readonly list: string; readonly ids: readonly string[] }>({ list, ids: [] });
  const ids = state.list === list ? state.ids : [];
  return {
    ids,
    has: id => ids.includes(id),
    toggle: id =>
      setState(before => {
        const chosen = before.list === list ? before.ids : [];
        return { list, ids: chosen.includes(id) ? chosen.filter(each => each !== id) : [...chosen, id] };
      }),
    clear: () => setState({ list, ids: [] }),
  };
}

export function NoConsumer() {
  return (
    <Empty title="The address names no consumer">
      <p>
        <a href={linkTo(['failures'])}>Choose one among all failures</a>
      </p>
    </Empty>
  );
}

export function Notes({ of }: { readonly of: readonly string[] }): ComponentChildren {
  return of.map(note => (
    <p key={note} class="banner banner-warn">
      {note}
    </p>
  ));
}
