// The response cache over real sockets: what is kept, for how long, and what clients are told.
import assert from 'node:assert/strict';
import { answerWith, isShared, withListener } from './cached-listener.ts';

describe('a cached route', () => {
  it('keeps an answer for its ttl, with Age and Cache-Status', () =>
    withListener('ttl: 10s', undefined, async ({ get, pass }) => {
      const first = await get();
      assert.deepEqual([first.body, first.cache], ['answer 1', 'tenfold; fwd=uri-miss; fwd-status=200; stored']);
      pass(3000);
      const second = await get();
      assert.deepEqual(
        [second.body, second.headers.get('age'), second.cache],
        ['answer 1', '3', 'tenfold; hit; ttl=7'],
      );
      pass(7000);
      const third = await get();
      assert.deepEqual([third.body, third.cache], ['answer 2', 'tenfold; fwd=stale; fwd-status=200; stored']);
    }));

  const keys: Record<string, [string, string, boolean]> = {
    'the same query in another order': ['/menu?a=1&b=2', '/menu?b=2&a=1', true],
    'two values of one parameter in another order': ['/menu?a=1&a=2', '/menu?a=2&a=1', false],
    'another query': ['/menu?a=1', '/menu?a=2', false],
    'another path': ['/menu', '/menu/1', false],
    'an empty query': ['/menu', '/menu?', true],
  };
  for (const [name, [first, second, same]] of Object.entries(keys)) {
    it(`takes ${name} for ${same ? 'the same' : 'another answer'}`, () =>
      withListener('ttl: 1m', undefined, async ({ get }) => {
        await get(first);
        assert.equal((await get(second)).body, same ? 'answer 1' : 'answer 2');
      }));
  }

  const answers: Record<string, [Record<string, string>, boolean, number?]> = {
    'Set-Cookie': [{ 'set-cookie': 'a=b' }, false],
    'Cache-Control: no-store': [{ 'cache-control': 'no-store' }, false],
    'Cache-Control: no-cache': [{ 'cache-control': 'max-age=9, No-Cache' }, false],
    'Cache-Control: private': [{ 'cache-control': 'private, max-age=60' }, false],
    'Cache-Control: max-age=0': [{ 'cache-control': 'max-age=0' }, false],
    'Cache-Control: s-maxage before max-age': [{ 'cache-control': 'max-age=0, s-maxage=9' }, true],
    'Expires in the past': [{ expires: 'Thu, 01 Jan 2026 00:00:00 GMT' }, false],
    'Expires that is no date': [{ expires: '0' }, false],
    'an Age beyond the ttl': [{ age: '100' }, false],
    'Vary: *': [{ vary: 'accept, *' }, false],
    'an event stream': [{ 'content-type': 'text/event-stream' }, false],
    'a status that is not listed': [{}, false, 500],
    '404, which is listed': [{}, true, 404],
    'nothing against it': [{}, true],
  };
  for (const [name, [headers, kept, status]] of Object.entries(answers)) {
    it(`${kept ? 'keeps' : 'does not keep'} an answer with ${name}`, () =>
      withListener('ttl: 1m', answerWith(headers, status), async listener =>
        assert.equal(await isShared(listener), kept),
      ));
  }

  it('keeps an answer no longer than the target allows', () =>
    withListener('ttl: 1h', answerWith({ 'cache-control': 'max-age=5', age: '2' }), async ({ get, pass }) => {
      await get();
      assert.equal((await get()).headers.get('age'), '2');
      pass(3000);
      assert.equal((await get()).body, 'answer 2');
    }));

  it('keeps answers apart by the Vary of the answer', () =>
    withListener('ttl: 1m', answerWith({ vary: 'Accept-Language' }), async ({ get }) => {
      const ask = async (language: string) => (await get('/menu', { 'accept-language': language })).body;
      assert.deepEqual(
        [await ask('de'), await ask('en'), await ask('de'), await ask('en')],
        ['answer 1', 'answer 2', 'answer 1', 'answer 2'],
      );
    }));

  it('keeps answers apart by the headers that the route names', () =>
    withListener('ttl: 1m, vary: [x-device]', undefined, async ({ get }) => {
      const ask = async (device: string) => (await get('/menu', { 'x-device': device })).body;
      assert.deepEqual([await ask('a'), await ask('b'), await ask('a')], ['answer 1', 'answer 2', 'answer 1']);
    }));

  it('takes Accept-Encoding in many spellings for the same', () =>
    withListener('ttl: 1m', answerWith({ vary: 'accept-encoding' }), async ({ get }) => {
      await get('/menu', { 'accept-encoding': 'gzip, br' });
      assert.equal((await get('/menu', { 'accept-encoding': 'br;q=0.9 , gzip' })).body, 'answer 1');
      assert.equal((await get('/menu', { 'accept-encoding': 'identity' })).body, 'answer 2');
    }));

  it('answers HEAD from GET, and never GET from HEAD', () =>
    withListener('ttl: 1m', undefined, async ({ get }) => {
      assert.equal((await get('/menu', {}, 'HEAD')).cache, 'tenfold; fwd=bypass');
      await get();
      const head = await get('/menu', {}, 'HEAD');
      assert.deepEqual([head.body, head.headers.get('content-length'), head.cache], ['', '8', 'tenfold; hit; ttl=60']);
    }));

  it('leaves other methods alone', () =>
    withListener('ttl: 1m', undefined, async ({ get }) => {
      await get();
      assert.equal((await get('/menu', {}, 'POST')).body, 'answer 2');
    }));

  it('answers 304 to who has the answer already, from the cache and from the first fetch', () =>
    withListener('ttl: 1m', answerWith({ etag: '"v1"', 'x-more': 'y' }), async ({ get, upstream }) => {
      const first = await get('/menu', { 'if-none-match': '"v0", W/"v1"' });
      assert.deepEqual([first.status, first.body, first.headers.get('x-more')], [304, '', null]);
      assert.equal(upstream.seen[0]!.headers['if-none-match'], undefined);
      const second = await get('/menu', { 'if-none-match': '"v1"' });
      assert.deepEqual([second.status, second.headers.get('etag')], [304, '"v1"']);
      const other = await get('/menu', { 'if-none-match': '"v2"' });
      assert.deepEqual([other.status, other.body], [200, 'answer 1']);
      assert.equal(upstream.seen.length, 1);
    }));

  it('gives answers without an ETag one', () =>
    withListener('ttl: 1m', undefined, async ({ get }) => {
      await get();
      const etag = (await get()).headers.get('etag')!;
      assert.equal((await get('/menu', { 'if-none-match': etag })).status, 304);
    }));

  it('answers 304 by date', () =>
    withListener('ttl: 1m', answerWith({ 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' }), async ({ get }) => {
      await get();
      const ask = async (since: string) => (await get('/menu', { 'if-modified-since': since })).status;
      assert.equal(await ask('Thu, 01 Jan 2026 00:00:00 GMT'), 304);
      assert.equal(await ask('Wed, 31 Dec 2025 00:00:00 GMT'), 200);
    }));

  it('passes requests for a range through', () =>
    withListener('ttl: 1m', undefined, async listener => {
      await listener.get();
      assert.equal(await isShared(listener, '/menu', { range: 'bytes=0-1' }), false);
    }));

  it('begins anew when its route changes', () =>
    withListener('ttl: 1m', undefined, async ({ get, swap }) => {
      await get();
      swap('ttl: 1m');
      assert.equal((await get()).body, 'answer 1');
      swap('ttl: 2m');
      assert.equal((await get()).body, 'answer 2');
    }));
});
