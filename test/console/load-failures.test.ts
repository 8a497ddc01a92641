// Gathers failures also where one question has no answer: the others are shown, and a note says
// which one is lacking.
import assert from 'node:assert/strict';
import { type FailureFilter, loadFailures } from '../../console/pages/failures/load-failures.ts';
import { type Answering, answerPages } from './answering.ts';

describe('what the Console gathers of failures', () => {
  let platform: Answering | undefined;
  afterEach(() => platform?.close());
  const all: FailureFilter = { consumer: undefined, text: undefined, newerThan: undefined };
  const owner = (name: string, deadLetters: number) => ({
    kind: 'Subscription',
    namespace: 'default',
    name,
    deadLetters,
  });
  const group = { id: 'g', cause: 'no paper', count: 3, first: '2026-01-01T00:00:00Z', last: '2026-01-01T00:00:00Z' };
  const refused = (detail: string) => Response.json({ detail }, { status: 503 });
  const load = (filter = all) => loadFailures(filter, new AbortController().signal);

  function answerWith(answers: Readonly<Record<string, (query: URLSearchParams) => unknown>>): void {
    const owners = { items: [owner('receipts', 3), owner('wall', 1)] };
    platform = answerPages(({ pathname, searchParams }) => {
      const answer = answers[pathname];
      if (answer) return answer(searchParams);
      if (pathname === '/api/dead-letters/owners') return owners;
      return { items: [] };
    });
  }

  it('shows the groups of one consumer where those of another cannot be read', async () => {
    answerWith({
      '/api/dead-letters/groups': query =>
        query.get('name') === 'wall' ? refused('The log does not answer.') : { items: [group] },
    });
    const { letters, notes } = await load();
    assert.deepEqual(
      letters.map(({ consumer }) => consumer.name),
      ['receipts'],
    );
    assert.deepEqual(notes, ['Dead letters of Subscription wall could not be read: The log does not answer.']);
  });

  it('shows dead letters where parked keys cannot be read', async () => {
    answerWith({
      '/api/dead-letters/groups': () => ({ items: [group] }),
      '/api/parked': () => refused('The log does not answer.'),
    });
    const { letters, notes } = await load();
    assert.equal(letters.length, 2);
    assert.deepEqual(notes, ['Parked events could not be read: The log does not answer.']);
  });

  it('fails where nothing could be read', async () => {
    answerWith({
      '/api/dead-letters/groups': () => refused('The log does not answer.'),
      '/api/parked': () => refused('The log does not answer.'),
    });
    await assert.rejects(load(), /The log does not answer/);
  });

  it('names the consumer in each note, so that no two are the same', async () => {
    answerWith({
      '/api/dead-letters/groups': () => ({ items: [group], more: { groups: 2, letters: 5 }, later: 4, omitted: 6 }),
    });
    const { notes } = await load();
    assert.equal(notes.length, 6);
    assert.equal(new Set(notes).size, 6);
    assert.equal(notes.filter(note => note.includes('Subscription receipts')).length, 3);
  });

  it('finds what failed in a Pipeline by its parts, and leaves out what is of others', async () => {
    const pipeline = (name: string) => ({ kind: 'Pipeline', namespace: 'default', name, deadLetters: 1 });
    const asked: string[] = [];
    const key = { id: '0-1', state: 'retrying', events: 1, since: group.first, reason: 'Timeout', error: 'late' };
    answerWith({
      '/api/dead-letters/owners': () => ({ items: [pipeline('totals'), pipeline('totals/enrich'), pipeline('tot')] }),
      '/api/dead-letters/groups': query => {
        asked.push(query.get('name') ?? '');
        return { items: [group] };
      },
      '/api/parked': query => {
        assert.deepEqual([query.get('namespace'), query.get('name')], ['default', null]);
        const unread = ['totals/enrich', 'tot'].map(name => ({
          consumer: pipeline(name),
          partition: 3,
          message: 'gone',
        }));
        const items = ['totals/enrich', 'tot'].map(name => ({ ...key, consumer: pipeline(name) }));
        return { items, unread, next: 'more' };
      },
    });
    const { letters, parked, notes } = await load({
      ...all,
      consumer: { kind: 'Pipeline', namespace: 'default', name: 'totals' },
    });
    assert.deepEqual(asked.toSorted(), ['totals', 'totals/enrich']);
    assert.equal(letters.length, 2);
    assert.deepEqual(
      parked.map(({ consumer }) => consumer.name),
      ['totals/enrich'],
    );
    assert.deepEqual(notes, [
      'Only the first 500 parked keys were looked at. The command "tenfold parked list" has the rest.',
      'Partition 3 of Pipeline totals/enrich could not be read: gone',
    ]);
  });
});
