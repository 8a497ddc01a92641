// What the response cache must never give to somebody else.
import assert from 'node:assert/strict';
import { sendRaw } from '../../fakes/raw-http.ts';
import { answerWith, isShared, withListener } from './cached-listener.ts';

describe('what a cache must never share (FAULTS 57-59)', () => {
  const headers: Record<string, [Record<string, string>]> = {
    'an Authorization': [{ authorization: 'Bearer x' }],
    'a cookie': [{ cookie: 'sid=1' }],
    'X-HTTP-Method-Override': [{ 'x-http-method-override': 'POST' }],
    'X-Method-Override': [{ 'x-method-override': 'DELETE' }],
  };
  for (const [name, [sent]] of Object.entries(headers)) {
    it(`an answer to a request with ${name}, in either direction`, () =>
      withListener('ttl: 1m', undefined, async listener => {
        assert.equal(await isShared(listener, '/menu', sent), false);
        assert.equal((await listener.get()).body, 'answer 3');
        assert.equal((await listener.get('/menu', sent)).body, 'answer 4');
      }));
  }

  it('shares with who shows a cookie what the answer calls public, and never with who proves who they are', () =>
    withListener('ttl: 1m', answerWith({ 'cache-control': 'public' }), async ({ get }) => {
      await get();
      assert.equal((await get('/menu', { cookie: 'consent=yes' })).body, 'answer 1');
      assert.equal((await get('/menu', { authorization: 'Basic x' })).body, 'answer 2');
    }));

  it('keeps consumers that it does not know apart by not keeping anything', () =>
    withListener('ttl: 1m, perConsumer: true', undefined, async listener => {
      assert.equal(await isShared(listener, '/menu', { authorization: 'Bearer x' }), false);
      assert.equal(await isShared(listener), true);
    }));

  it('an answer made from X-Forwarded-Host or X-Original-URL of a client: they never reach the target', () =>
    withListener(
      'ttl: 1m',
      (request, response) =>
        response.end(JSON.stringify([request.headers['x-forwarded-host'], request.headers['x-original-url']])),
      async ({ get, listener }) => {
        const sent = {
          'x-forwarded-host': 'evil.example',
          'x-original-url': '/admin',
          x_forwarded_host: 'evil.example',
        };
        assert.equal((await get('/menu', sent)).body, JSON.stringify([new URL(listener.address).host, null]));
      },
    ));

  it('an answer to another Host, another port of it included', () =>
    withListener(
      'ttl: 1m',
      (request, response) => response.end(`at ${request.headers['x-forwarded-host']}`),
      async ({ listener }) => {
        const ask = (host: string) =>
          sendRaw(listener.address, `GET /shop/menu HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
        await ask('shop.example:1337');
        assert.match((await ask('shop.example')).text, /at shop\.example$/m);
        assert.match((await ask('shop.example')).text, /tenfold; hit/);
        assert.match((await ask('SHOP.example')).text, /tenfold; hit/);
      },
    ));

  it('what a path ending in .css answers to somebody who is signed in', () =>
    withListener('ttl: 1m', undefined, async ({ get }) => {
      await get('/account/a.css', { cookie: 'sid=victim' });
      assert.equal((await get('/account/a.css')).body, 'answer 2');
    }));

  it('stays within its memory with any number of keys', () =>
    withListener(
      'ttl: 1m',
      (_request, response) => response.end(Buffer.alloc(1024 * 1024)),
      async ({ get, upstream }) => {
        for (let index = 0; index < 70; index++) await get(`/menu?n=${index}`);
        await get('/menu?n=69');
        assert.equal(upstream.seen.length, 70, 'the newest is there');
        await get('/menu?n=0');
        assert.equal(upstream.seen.length, 71, 'the oldest is gone');
      },
    ));
});
