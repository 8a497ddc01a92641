// Asks the platform, and says in one kind of error what went wrong.
import assert from 'node:assert/strict';
import { ApiError, ask } from '../../console/api/ask.ts';
import { endpoints } from '../../console/api/endpoints.ts';
import { type Answering, answerPages } from './answering.ts';

describe('how the Console asks', () => {
  let platform: Answering | undefined;
  afterEach(() => platform?.close());

  it('says that the platform does not answer where an answer breaks off', async () => {
    platform = answerPages(() => new Response('{ "items": [', { status: 200 }));
    await assert.rejects(ask(endpoints.consumers, { params: {} }), (error: unknown) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.status, 0);
      assert.match(error.message, /does not answer/);
      return true;
    });
  });

  it('says what the platform said where it refuses', async () => {
    platform = answerPages(() => Response.json({ detail: 'The log is away.' }, { status: 503 }));
    await assert.rejects(ask(endpoints.consumers, { params: {} }), { message: 'The log is away.', status: 503 });
  });
});
