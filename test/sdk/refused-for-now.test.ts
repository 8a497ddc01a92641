// What a handler lets through of a refusal by the platform: try again later, not our failure; and
// the hint where a body was not declared.
import assert from 'node:assert/strict';
import { http, InvokeError } from 'tenfold';
import { runFunction, stopFunctions } from '../runtime/running-function.ts';

describe('a refusal of the platform that a handler lets through', () => {
  afterEach(stopFunctions);

  const failing = (status: number, retryAfterSeconds?: number) => () => {
    throw new InvokeError('POST /topics/orders', `answered ${status}`, {
      status,
      problem: { detail: 'a secret' },
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  };

  for (const [status, after, expected] of [
    [429, 7, '7'],
    [503, 3, '3'],
    [503, undefined, '1'],
  ] as const) {
    it(`is 503 with Retry-After: ${status}, ${after ?? 'which says nothing of when'}`, async () => {
      const { url, lines } = await runFunction(failing(status, after));
      const answer = await fetch(url);
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('retry-after'), expected);
      assert.doesNotMatch(await answer.text(), /secret|topics/);
      assert.equal(lines[0]?.['level'], 'warn');
    });
  }

  for (const status of [400, 404, 500, 502, 504]) {
    it(`is 500 as any other failure: ${status}`, async () => {
      const { url } = await runFunction(failing(status));
      assert.equal((await fetch(url)).status, 500);
    });
  }
});

describe('request.body of a handler without a schema', () => {
  afterEach(stopFunctions);

  it('throws a hint that names what to write', async () => {
    const { url, lines } = await runFunction(http(request => request.body));
    assert.equal((await fetch(url, { method: 'POST', body: '{}' })).status, 500);
    assert.match(JSON.stringify(lines), /await request\.json\(\)/);
  });
});
