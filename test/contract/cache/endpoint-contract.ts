// What every cache endpoint does over HTTP.
import assert from 'node:assert/strict';
import { ask, type CacheSubject } from './subject.ts';

const etagOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers['etag']);

/** Requests to the endpoint that is under test. */
class CacheRequests {
  readonly #subject: () => CacheSubject;

  constructor(subject: () => CacheSubject) {
    this.#subject = subject;
  }

  ask(method: string, target: string, options?: Parameters<typeof ask>[3]): ReturnType<typeof ask> {
    return ask(this.#subject(), method, target, options);
  }

  put(target: string, body: string, headers: Record<string, string> = {}): ReturnType<typeof ask> {
    return this.ask('PUT', target, { body, headers: { 'content-type': 'text/plain', ...headers } });
  }

  get(key: string, headers: Record<string, string> = {}): ReturnType<typeof ask> {
    return this.ask('GET', `/cache/${key}`, { headers });
  }

  pass(ms: number): void {
    this.#subject().pass(ms);
  }
}

export function describeCacheEndpoint(open: () => Promise<CacheSubject>): void {
  let subject: CacheSubject;
  before(async () => {
    subject = await open();
  });
  after(() => subject.close());
  const cache = new CacheRequests(() => subject);

  describeValues(cache);
  describeConditions(cache);
  describeLeases(cache);
  describePurges(cache);
  describeRefusals(cache);
}

function describeValues(cache: CacheRequests): void {
  it('keeps a value with its type until its time is over', async () => {
    assert.equal((await cache.get('a')).status, 404);
    const written = await cache.put('/cache/a?ttl=1h', 'one', { 'content-type': 'text/x-menu' });
    assert.equal(written.status, 204);
    const found = await cache.get('a');
    assert.equal(found.status, 200);
    assert.equal(found.body.toString(), 'one');
    assert.equal(found.headers['content-type'], 'text/x-menu');
    assert.equal(found.headers['etag'], written.headers['etag']);
    assert.equal(found.headers['tenfold-cache'], 'hit');
    cache.pass(3_580_000);
    assert.equal((await cache.get('a')).status, 200);
    cache.pass(20_001);
    assert.equal((await cache.get('a')).status, 404);
  });

  it('takes the time from Cache-Control as well', async () => {
    assert.equal(
      (await cache.put('/cache/control', 'one', { 'cache-control': 'max-age=50, stale-if-error=60' })).status,
      204,
    );
    assert.equal((await cache.get('control')).status, 200);
    cache.pass(50_001);
    assert.equal((await cache.get('control')).status, 404);
    const turn = await cache.ask('POST', '/cache/control?lease=1s');
    assert.deepEqual([turn.status, turn.body.toString()], [201, 'one']);
  });

  it('tells keys apart, slashes and signs included', async () => {
    await cache.put('/cache/menu%2Fv60%20%3F?ttl=1h', 'slash');
    await cache.put('/cache/menu?ttl=1h', 'plain');
    assert.equal((await cache.get('menu%2Fv60%20%3F')).body.toString(), 'slash');
    assert.equal((await cache.get('menu')).body.toString(), 'plain');
  });

  it('answers that a value is the same', async () => {
    const etag = etagOf(await cache.put('/cache/same?ttl=1h', 'one'));
    const unchanged = await cache.get('same', { 'if-none-match': `"other", ${etag}` });
    assert.deepEqual([unchanged.status, unchanged.body.length, unchanged.headers['etag']], [304, 0, etag]);
    assert.equal((await cache.get('same', { 'if-none-match': '"other"' })).status, 200);
  });
}

function describeConditions(cache: CacheRequests): void {
  it('writes only what is not there, where it is asked to', async () => {
    const none = { 'if-none-match': '*' };
    assert.equal((await cache.put('/cache/none?ttl=10s', 'one', none)).status, 204);
    const refused = await cache.put('/cache/none?ttl=10s', 'two', none);
    assert.equal(refused.status, 412);
    assert.match(String(refused.headers['content-type']), /^application\/problem\+json/);
    assert.equal((await cache.get('none')).body.toString(), 'one');
    cache.pass(10_001);
    assert.equal((await cache.put('/cache/none?ttl=10s', 'three', none)).status, 204);
  });

  it('writes and deletes only what is still the same, where it is asked to', async () => {
    const first = etagOf(await cache.put('/cache/cas?ttl=1h', 'one'));
    const second = await cache.put('/cache/cas?ttl=1h', 'two', { 'if-match': first });
    assert.equal(second.status, 204);
    assert.notEqual(etagOf(second), first);
    assert.equal((await cache.put('/cache/cas?ttl=1h', 'three', { 'if-match': first })).status, 412);
    const gone = (etag: string) => cache.ask('DELETE', '/cache/cas', { headers: { 'if-match': etag } });
    assert.equal((await gone(first)).status, 412);
    assert.equal((await cache.get('cas')).body.toString(), 'two');
    const deleted = await gone(etagOf(second));
    assert.deepEqual([deleted.status, deleted.headers['tenfold-cache']], [204, 'deleted']);
    assert.equal((await cache.put('/cache/cas?ttl=1h', 'four', { 'if-match': etagOf(second) })).status, 412);
    assert.equal((await cache.put('/cache/cas?ttl=1h', 'four', { 'if-match': '*' })).status, 412);
  });

  it('knows a conditional write that comes twice, and answers it like the first time', async () => {
    const headers = { 'if-none-match': '*', 'idempotency-key': 'write-1' };
    const first = await cache.put('/cache/twice?ttl=1h', 'one', headers);
    const again = await cache.put('/cache/twice?ttl=1h', 'one', headers);
    assert.deepEqual([again.status, etagOf(again)], [204, etagOf(first)]);
    const other = await cache.put('/cache/twice?ttl=1h', 'one', { ...headers, 'idempotency-key': 'write-2' });
    assert.equal(other.status, 412);
  });

  it('deletes, and says whether there was something', async () => {
    await cache.put('/cache/gone?ttl=1h', 'one');
    const how = async () => (await cache.ask('DELETE', '/cache/gone')).headers['tenfold-cache'];
    assert.deepEqual([await how(), await how()], ['deleted', 'miss']);
    assert.equal((await cache.get('gone')).status, 404);
  });
}

function describeLeases(cache: CacheRequests): void {
  it('lets one make a value and others wait for it', async () => {
    const turn = await cache.ask('POST', '/cache/turn?lease=10s');
    assert.deepEqual([turn.status, turn.headers['tenfold-cache']], [201, 'miss']);
    const token = String(turn.headers['tenfold-lease']);
    assert.equal((await cache.ask('POST', '/cache/turn?lease=10s')).status, 409);
    const waiting = cache.ask('POST', '/cache/turn?lease=10s&wait=10s');
    assert.equal((await cache.get('turn')).status, 404);
    assert.equal((await cache.put(`/cache/turn?ttl=1h&lease=${token}`, 'made')).status, 204);
    const { status, body, headers } = await waiting;
    assert.deepEqual([status, body.toString(), headers['tenfold-cache']], [200, 'made', 'hit']);
    assert.equal((await cache.put(`/cache/turn?ttl=1h&lease=${token}`, 'made')).status, 204, 'the same write again');
    assert.equal((await cache.put('/cache/turn?ttl=1h&lease=other', 'bad')).status, 412);
    assert.equal((await cache.get('turn')).body.toString(), 'made');
  });

  it('gives the turn to the next one when it ends or is given back', async () => {
    const first = String((await cache.ask('POST', '/cache/next?lease=10s')).headers['tenfold-lease']);
    cache.pass(10_001);
    const turn = await cache.ask('POST', '/cache/next?lease=10s');
    assert.equal(turn.status, 201);
    assert.equal((await cache.put(`/cache/next?ttl=1h&lease=${first}`, 'late')).status, 412);
    await cache.ask('DELETE', `/cache/next?lease=${first}`);
    assert.equal((await cache.ask('POST', '/cache/next')).status, 409, 'given back by somebody who has none');
    await cache.ask('DELETE', `/cache/next?lease=${turn.headers['tenfold-lease']}`);
    assert.equal((await cache.ask('POST', '/cache/next')).status, 201);
  });

  it('takes what is late, as long as nobody else has begun', async () => {
    const token = String((await cache.ask('POST', '/cache/late?lease=10s')).headers['tenfold-lease']);
    cache.pass(10_001);
    assert.equal((await cache.put(`/cache/late?ttl=1h&lease=${token}`, 'late')).status, 204);
  });

  for (const [what, write] of [
    ['written', () => cache.put('/cache/lost?ttl=1h', 'newer')],
    ['deleted', () => cache.ask('DELETE', '/cache/lost')],
  ] as const) {
    it(`does not fill what was ${what} since`, async () => {
      await cache.ask('DELETE', '/cache/lost');
      const token = String((await cache.ask('POST', '/cache/lost?lease=10s')).headers['tenfold-lease']);
      assert.equal((await write()).status, 204);
      assert.equal((await cache.put(`/cache/lost?ttl=1h&lease=${token}`, 'older')).status, 412);
      assert.notEqual((await cache.get('lost')).body.toString(), 'older');
    });
  }

  it('shows the old value to whoever makes a new one or waits in vain, for as long as it may stand in', async () => {
    await cache.put('/cache/old?ttl=10s&stale=1h', 'old');
    cache.pass(10_001);
    assert.equal((await cache.get('old')).status, 404);
    const turn = await cache.ask('POST', '/cache/old?lease=10s');
    assert.deepEqual([turn.status, turn.body.toString(), turn.headers['tenfold-cache']], [201, 'old', 'stale']);
    const other = await cache.ask('POST', '/cache/old?lease=10s&wait=20ms');
    assert.deepEqual([other.status, other.body.toString(), other.headers['tenfold-cache']], [200, 'old', 'stale']);
    await cache.ask('DELETE', `/cache/old?lease=${turn.headers['tenfold-lease']}`);
    cache.pass(3_600_000);
    assert.equal((await cache.ask('POST', '/cache/old')).headers['tenfold-cache'], 'miss');
  });
}

function describePurges(cache: CacheRequests): void {
  it('purges by tag what is there, may stand in, or is being made', async () => {
    await cache.put('/cache/p1?ttl=1h&tag=menu&tag=v60', 'one');
    await cache.put('/cache/p2?ttl=10s&stale=1h&tag=menu', 'two');
    await cache.put('/cache/p3?ttl=1h&tag=other', 'three');
    const token = String((await cache.ask('POST', '/cache/p4?lease=10s&tag=menu')).headers['tenfold-lease']);
    assert.equal((await cache.get('p1')).status, 200);
    assert.equal((await cache.ask('DELETE', '/cache?tag=menu')).status, 204);
    assert.equal((await cache.get('p1')).status, 404);
    assert.equal((await cache.get('p3')).status, 200);
    assert.equal((await cache.ask('POST', '/cache/p2?tag=menu')).headers['tenfold-cache'], 'miss');
    assert.equal((await cache.put(`/cache/p4?ttl=1h&lease=${token}`, 'before the purge')).status, 204);
    assert.equal((await cache.get('p4')).status, 404);
    await cache.put('/cache/p1?ttl=1h&tag=menu', 'after');
    assert.equal((await cache.get('p1')).body.toString(), 'after');
  });
}

function describeRefusals(cache: CacheRequests): void {
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
      const answer = await cache.ask(method, target, { headers: { ...headers }, ...(body ? { body } : {}) });
      assert.equal(answer.status, status, answer.body.toString());
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    });
  }

  it('takes values of 1 MiB and refuses larger ones', async () => {
    assert.equal((await cache.put('/cache/large?ttl=1h', 'x'.repeat(1024 * 1024))).status, 204);
    assert.equal((await cache.get('large')).body.length, 1024 * 1024);
    assert.equal((await cache.put('/cache/large?ttl=1h', 'x'.repeat(1024 * 1024 + 1))).status, 413);
  });
}
