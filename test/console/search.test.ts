// Searches for events, page by page and in more than one Topic: nothing is cut, and the newest is
// first.
import assert from 'node:assert/strict';
import type { FoundEvent } from '../../admin/topic-view.ts';
import { type Finds, findEvents } from '../../console/pages/events/search.ts';
import { type Answering, answerPages } from './answering.ts';

describe('what the Console finds', () => {
  const MOST = 50;
  let platform: Answering | undefined;
  afterEach(() => platform?.close());

  const event = (offset: number): FoundEvent => ({
    owner: { kind: 'Topic', namespace: 'default', name: 'orders' },
    partition: 0,
    offset,
    id: `e${offset}`,
    key: null,
    traces: [],
    appendedAt: new Date(offset * 1000).toISOString(),
  });

  /** Answers in the order that is given, as many as are asked for. */
  function answerWith(events: readonly FoundEvent[]): void {
    platform = answerPages(({ searchParams }) => {
      const from = Number(searchParams.get('after') ?? 0);
      const limit = Math.min(30, Number(searchParams.get('limit')));
      const next = from + limit < events.length ? { next: String(from + limit) } : {};
      return { items: events.slice(from, from + limit), looked: [], ...next };
    });
  }

  const find = async (): Promise<Finds> => findEvents('17', 'default', () => {}, new AbortController().signal);

  it('asks for no more than it shows, so that it cuts nothing', async () => {
    answerWith(Array.from({ length: 80 }, (_, index) => event(index)));
    const { found, isMore } = await find();
    assert.deepEqual([found.length, isMore], [MOST, true]);
    assert.deepEqual(
      platform?.asked.map(({ searchParams }) => searchParams.get('limit')),
      ['50', '20'],
    );
  });

  it('shows the newest first, whichever page and Topic it came from', async () => {
    answerWith([event(3), event(1), event(4), event(2)]);
    const { found, isMore } = await find();
    assert.deepEqual([found.map(({ id }) => id), isMore], [['e4', 'e3', 'e2', 'e1'], false]);
  });
});
