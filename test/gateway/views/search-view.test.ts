// What is answered where a View that is searched has lost its index.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import { searchView } from '../../../gateway/views/search-view.ts';

describe('a View that is searched', () => {
  const gone = async () => {
    throw new TenfoldError('not-found', 'There is no such search index.');
  };
  const search = { search: gone, suggest: gone, document: gone, refresh: gone };

  it('is to be asked again, not said to hold nothing, when its index is gone', async () => {
    const questions = [
      { kind: 'document', key: 'a' },
      { kind: 'suggest', query: { field: 'text', text: 'a', limit: 5 } },
      { kind: 'search', query: { text: 'a' } },
    ] as const;
    for (const question of questions)
      await assert.rejects(searchView(search, 'i', question), { code: 'not-ready', retryAfterSeconds: 5 });
  });

  it('says so when it has no document with a key', async () => {
    const empty = { ...search, document: async () => undefined };
    await assert.rejects(searchView(empty, 'i', { kind: 'document', key: 'a' }), { code: 'not-found' });
  });
});
