// Asks the platform, and says in one kind of error what went wrong.
import assert from 'node:assert/strict';
import { ApiError, ask } from '../../../console/api/ask.ts';
import { endpoints } from '../../../console/api/endpoints.ts';
import { type Answering, answerPages } from '../answering.ts';

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

  it('shows the answer that it has where the platform says that it is the same', async () => {
    let isSame = false;
    platform = answerPages(() =>
      isSame ? new Response(null, { status: 304 }) : Response.json({ items: [] }, { headers: { etag: 'W/"1"' } }),
    );
    const first = await ask(endpoints.resources, { params: {} });
    isSame = true;
    assert.equal(await ask(endpoints.resources, { params: {} }), first);
    isSame = false;
    assert.notEqual(await ask(endpoints.resources, { params: {} }), first);
  });
});
