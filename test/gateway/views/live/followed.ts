// A follower as a client writes it: keeps what the events of a live View say.
import assert from 'node:assert/strict';
import { readServerEvents } from '../../../../core/http/server-events.ts';

interface Item {
  readonly key?: string;
  readonly member?: string;
  readonly id?: string;
  readonly at?: number;
}

export class Followed {
  items: object[] = [];
  /** `Last-Event-ID` with which it goes on. */
  lastId = '';
  more = false;
  /** Names of the events that have come, newest last. */
  readonly events: string[] = [];
  /** Why it was told all anew, or why the stream has ended. */
  readonly reasons: string[] = [];

  take(event: string, data: string, id: string): void {
    if (event === '') return;
    this.events.push(event);
    if (id !== '') this.lastId = id;
    const told = JSON.parse(data) as { items?: Item[]; removed?: string[]; more?: boolean; reason?: string };
    if (told.reason !== undefined) this.reasons.push(told.reason);
    this.more = told.more ?? this.more;
    if (event === 'rows') this.items = told.items ?? [];
    if (event !== 'change') return;
    const { removed = [], items = [] } = told;
    const gone = new Set([...removed, ...items.map(idOf)]);
    assert.ok(
      removed.every(id => this.items.some(item => idOf(item) === id)),
      'only what is there is removed',
    );
    this.items = this.items.filter(item => !gone.has(idOf(item)));
    for (const { at = -1, ...item } of items) this.items.splice(at, 0, item);
  }

  async read(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const text = async function* () {
      const decoder = new TextDecoder();
      for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
    };
    for await (const { event, data, id } of readServerEvents(text())) this.take(event, data, id);
  }
}

function idOf({ key, member, id }: Item): string {
  return key ?? member ?? id ?? assert.fail('an item has no name');
}
