// What every cache endpoint does over HTTP.
import assert from 'node:assert/strict';
import { ask, type CacheSubject } from './subject.ts';

export function describeCacheEndpoint(open: () => Promise<CacheSubject>): void {
  let subject: CacheSubject;
  before(async () => {
    subject = await open();
  });
  after(() => subject.close());

  const put = (target: string, body: string, headers: Record<string, string> = {}) =>
    ask(subject, 'PUT', target, { body, headers: { 'content-type': 'text/plain', ...headers } });
  const get = (key: string, headers: Record<string, string> = {}) => ask(subject, 'GET', `/cache/${key}`, { headers });
  const etagOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers['etag']);

  it('keeps a value with its type until its time is over', async () => {
    assert.equal((await get('a')).status, 404);
    const written = await put('/cache/a?ttl=1h', 'one', { 'content-type': 'text/x-menu' });
    assert.equal(written.status, 204);
    const found = await get('a');
    assert.equal(found.status, 200);
    assert.equal(found.body.toString(), 'one');
    assert.equal(found.headers['content-type'], 'text/x-menu');
    assert.equal(found.headers['etag'], written.headers['etag']);
    assert.equal(found.headers['tenfold-cache'], 'hit');
    subject.pass(3_580_000);
    assert.equal((await get('a')).status, 200);
    subject.pass(20_001);
    assert.equal((await get('a')).status, 404);
  });

  it('takes the time from Cache-Control as well', async () => {
    assert.equal(
      (await put('/cache/control', 'one', { 'cache-control': 'max-age=50, stale-if-error=60' })).status,
      204,
    );
    assert.equal((await get('control')).status, 200);
    subject.pass(50_001);
    assert.equal((await get('control')).status, 404);
    const turn = await ask(subject, 'POST', '/cache/control?lease=1s');
    assert.deepEqual([turn.status, turn.body.toString()], [201, 'one']);
  });

  it('tells keys apart, slashes and signs included', async () => {
    await put('/cache/menu%2Fv60%20%3F?ttl=1h', 'slash');
    await put('/cache/menu?ttl=1h', 'plain');
    assert.equal((await get('menu%2Fv60%20%3F')).body.toString(), 'slash');
    assert.equal((await get('menu')).body.toString(), 'plain');
  });

  it('answers that a value is the same', async () => {
    const etag = etagOf(await put('/cache/same?ttl=1h', 'one'));
    const unchanged = await get('same', { 'if-none-match': `"other", ${etag}` });
    assert.deepEqual([unchanged.status, unchanged.body.length, unchanged.headers['etag']], [304, 0, etag]);
    assert.equal((await get('same', { 'if-none-match': '"other"' })).status, 200);
  });

  it('writes only what is not there, where it is asked to', async () => {
    const none = { 'if-none-match': '*' };
    assert.equal((await put('/cache/none?ttl=10s', 'one', none)).status, 204);
    const refused = await put('/cache/none?ttl=10s', 'two', none);
    assert.equal(refused.status, 412);
    assert.match(String(refused.headers['content-type']), /^application\/problem\+json/);
    assert.equal((await get('none')).body.toString(), 'one');
    subject.pass(10_001);
    assert.equal((await put('/cache/none?ttl=10s', 'three', none)).status, 204);
  });

  it('writes and deletes only what is still the same, where it is asked to', async () => {
    const first = etagOf(await put('/cache/cas?ttl=1h', 'one'));
    const second = await put('/cache/cas?ttl=1h', 'two', { 'if-match': first });
    assert.equal(second.status, 204);
    assert.notEqual(etagOf(second), first);
    assert.equal((await put('/cache/cas?ttl=1h', 'three', { 'if-match': first })).status, 412);
    const gone = (etag: string) => ask(subject, 'DELETE', '/cache/cas', { headers: { 'if-match': etag } });
    assert.equal((await gone(first)).status, 412);
    assert.equal((await get('cas')).body.toString(), 'two');
    const deleted = await gone(etagOf(second));
    assert.deepEqual([deleted.status, deleted.headers['tenfold-cache']], [204, 'deleted']);
    assert.equal((await put('/cache/cas?ttl=1h', 'four', { 'if-match': etagOf(second) })).status, 412);
    assert.equal((await put('/cache/cas?ttl=1h', 'four', { 'if-match': '*' })).status, 412);
  });

  it('knows a conditional write that comes twice, and answers it like the first time', async () => {
    const headers = { 'if-none-match': '*', 'idempotency-key': 'write-1' };
    const first = await put('/cache/twice?ttl=1h', 'one', headers);
    const again = await put('/cache/twice?ttl=1h', 'one', headers);
    assert.deepEqual([again.status, etagOf(again)], [204, etagOf(first)]);
    const other = await put('/cache/twice?ttl=1h', 'one', { ...headers, 'idempotency-key': 'write-2' });
    assert.equal(other.status, 412);
  });

  it('deletes, and says whether there was something', async () => {
    await put('/cache/gone?ttl=1h', 'one');
    const how = async () => (await ask(subject, 'DELETE', '/cache/gone')).headers['tenfold-cache'];
    assert.deepEqual([await how(), await how()], ['deleted', 'miss']);
    assert.equal((await get('gone')).status, 404);
  });

  it('lets one make a value and others wait for it', async () => {
    const turn = await ask(subject, 'POST', '/cache/turn?lease=10s');
    assert.deepEqual([turn.status, turn.headers['tenfold-cache']], [201, 'miss']);
    const token = String(turn.headers['tenfold-lease']);
    assert.equal((await ask(subject, 'POST', '/cache/turn?lease=10s')).status, 409);
    const waiting = ask(subject, 'POST', '/cache/turn?lease=10s&wait=10s');
    assert.equal((await get('turn')).status, 404);
    assert.equal((await put(`/cache/turn?ttl=1h&lease=${token}`, 'made')).status, 204);
    const { status, body, headers } = await waiting;
    assert.deepEqual([status, body.toString(), headers['tenfold-cache']], [200, 'made', 'hit']);
    assert.equal((await put(`/cache/turn?ttl=1h&lease=${token}`, 'made')).status, 204, 'the same write again');
    assert.equal((await put('/cache/turn?ttl=1h&lease=other', 'bad')).status, 412);
    assert.equal((await get('turn')).body.toString(), 'made');
  });

  it('gives the turn to the next one when it ends or is given back', async () => {
    const first = String((await ask(subject, 'POST', '/cache/next?lease=10s')).headers['tenfold-lease']);
    subject.pass(10_001);
    const turn = await ask(subject, 'POST', '/cache/next?lease=10s');
    assert.equal(turn.status, 201);
    assert.equal((await put(`/cache/next?ttl=1h&lease=${first}`, 'late')).status, 412);
    await ask(subject, 'DELETE', `/cache/next?lease=${first}`);
    assert.equal((await ask(subject, 'POST', '/cache/next')).status, 409, 'given back by somebody who has none');
    await ask(subject, 'DELETE', `/cache/next?lease=${turn.headers['tenfold-lease']}`);
    assert.equal((await ask(subject, 'POST', '/cache/next')).status, 201);
  });

  it('takes what is late, as long as nobody else has begun', async () => {
    const token = String((await ask(subject, 'POST', '/cache/late?lease=10s')).headers['tenfold-lease']);
    subject.pass(10_001);
    assert.equal((await put(`/cache/late?ttl=1h&lease=${token}`, 'late')).status, 204);
  });

  for (const [what, write] of [
    ['written', () => put('/cache/lost?ttl=1h', 'newer')],
    ['deleted', () => ask(subject, 'DELETE', '/cache/lost')],
  ] as const) {
    it(`does not fill what was ${what} since`, async () => {
      await ask(subject, 'DELETE', '/cache/lost');
      const token = String((await ask(subject, 'POST', '/cache/lost?lease=10s')).headers['tenfold-lease']);
      assert.equal((await write()).status, 204);
      assert.equal((await put(`/cache/lost?ttl=1h&lease=${token}`, 'older')).status, 412);
      assert.notEqual((await get('lost')).body.toString(), 'older');
    });
  }

  it('shows the old value to whoever makes a new one or waits in vain, for as long as it may stand in', async () => {
    await put('/cache/old?ttl=10s&stale=1h', 'old');
    subject.pass(10_001);
    assert.equal((await get('old')).status, 404);
    const turn = await ask(subject, 'POST', '/cache/old?lease=10s');
    assert.deepEqual([turn.status, turn.body.toString(), turn.headers['tenfold-cache']], [201, 'old', 'stale']);
    const other = await ask(subject, 'POST', '/cache/old?lease=10s&wait=20ms');
    assert.deepEqual([other.status, other.body.toString(), other.headers['tenfold-cache']], [200, 'old', 'stale']);
    await ask(subject, 'DELETE', `/cache/old?lease=${turn.headers['tenfold-lease']}`);
    subject.pass(3_600_000);
    assert.equal((await ask(subject, 'POST', '/cache/old')).headers['tenfold-cache'], 'miss');
  });

  it('purges by tag what is there, may stand in, or is being made', async () => {
    await put('/cache/p1?ttl=1h&tag=menu&tag=v60', 'one');
    await put('/cache/p2?ttl=10s&stale=1h&tag=menu', 'two');
    await put('/cache/p3?ttl=1h&tag=other', 'three');
    const token = String((await ask(subject, 'POST', '/cache/p4?lease=10s&tag=menu')).headers['tenfold-lease']);
    assert.equal((await get('p1')).status, 200);
    assert.equal((await ask(subject, 'DELETE', '/cache?tag=menu')).status, 204);
    assert.equal((await get('p1')).status, 404);
    assert.equal((await get('p3')).status, 200);
    assert.equal((await ask(subject, 'POST', '/cache/p2?tag=menu')).headers['tenfold-cache'], 'miss');
    assert.equal((await put(`/cache/p4?ttl=1h&lease=${token}`, 'before the purge')).status, 204);
    assert.equal((await get('p4')).status, 404);
    await put('/cache/p1?ttl=1h&tag=menu', 'after');
    assert.equal((await get('p1')).body.toString(), 'after');
  });

  const many = Array.from({ length: 17 }, (_, index) => `tag=t${index}`).join('&');
  for (const [why, method, target, status, headers] of [
    ['a time is missing', 'PUT', '/cache/a', 400],
    ['the time is none', 'PUT', '/cache/a?ttl=soon', 400],
    ['the time is too long', 'PUT', '/cache/a?ttl=31d', 400],
    ['the time is zero', 'PUT', '/cache/a?ttl=0s', 400],
    ['the key is too long', 'PUT', `/cache/${'k'.repeat(513)}?ttl=1h`, 400],
    ['the key is missing', 'PUT', '/cache?ttl=1h', 400],
    ['nothing is named to purge', 'DELETE', '/cache', 400],
    ['there are too many tags', 'PUT', `/cache/a?ttl=1h&${many}`, 400],
    ['a tag is too long', 'DELETE', `/cache?tag=${'t'.repeat(129)}`, 400],
    ['a parameter is not known', 'GET', '/cache/a?fresh=1', 400],
    ['there are two conditions', 'PUT', '/cache/a?ttl=1h&lease=x', 400, { 'if-none-match': '*' }],
    ['the method is another', 'PATCH', '/cache/a', 405],
  ] as const) {
    it(`refuses a request where ${why}`, async () => {
      const body = method === 'PUT' ? 'x' : undefined;
      const answer = await ask(subject, method, target, { headers: { ...headers }, ...(body ? { body } : {}) });
      assert.equal(answer.status, status, answer.body.toString());
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    });
  }

  it('takes values of 1 MiB and refuses larger ones', async () => {
    assert.equal((await put('/cache/large?ttl=1h', 'x'.repeat(1024 * 1024))).status, 204);
    assert.equal((await get('large')).body.length, 1024 * 1024);
    assert.equal((await put('/cache/large?ttl=1h', 'x'.repeat(1024 * 1024 + 1))).status, 413);
  });
}
