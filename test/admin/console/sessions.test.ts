// What opens the Console, and for how long: sessions, and codes that work once.
import assert from 'node:assert/strict';
import { createSessions } from '../../../admin/console/sessions.ts';
import { SignInCodes } from '../../../admin/console/sign-in-codes.ts';

const HOUR = 3_600_000;
const host = '127.0.0.1:9090';

function pairOf(cookie: string): string {
  return cookie.split('; ')[0] ?? '';
}

describe('sessions of the Console', () => {
  let now = 0;
  const sessions = createSessions('the-secret', () => now);
  beforeEach(() => {
    now = Date.UTC(2026, 0, 1);
  });

  it('have their token for the cookie and the proof together, in every process with the secret', () => {
    const { cookie, proof } = sessions.begin('a-token', { host });
    const headers = { host, cookie: `other=1; ${pairOf(cookie)}`, 'x-tenfold-session': proof };
    assert.equal(sessions.tokenOf(headers), 'a-token');
    assert.equal(createSessions('the-secret', () => now).tokenOf(headers), 'a-token');
    assert.doesNotMatch(cookie, /a-token/);
    assert.match(cookie, /; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  });

  for (const [what, change] of Object.entries<(headers: Record<string, string>) => Record<string, string | undefined>>({
    'the cookie alone': ({ cookie }) => ({ host, cookie }),
    'the proof alone': headers => ({ host, 'x-tenfold-session': headers['x-tenfold-session'] }),
    'another proof': headers => ({ ...headers, 'x-tenfold-session': 'another' }),
    'the cookie of another port': headers => ({ ...headers, host: '127.0.0.1:9091' }),
    'a changed cookie': headers => ({ ...headers, cookie: `${headers['cookie']?.slice(0, -4)}AAAA` }),
    'a cookie that is none': headers => ({ ...headers, cookie: 'tenfold_console_9090=short' }),
  }))
    it(`have none for ${what}`, () => {
      const { cookie, proof } = sessions.begin('a-token', { host });
      assert.equal(sessions.tokenOf(change({ host, cookie: pairOf(cookie), 'x-tenfold-session': proof })), undefined);
    });

  it('have none after twelve hours, or by another secret', () => {
    const { cookie, proof, endsAt } = sessions.begin('a-token', { host });
    const headers = { host, cookie: pairOf(cookie), 'x-tenfold-session': proof };
    assert.equal(createSessions('another-secret', () => now).tokenOf(headers), undefined);
    now += 12 * HOUR - 1;
    assert.equal(sessions.tokenOf(headers), 'a-token');
    now += 1;
    assert.equal(endsAt, new Date(now).toISOString());
    assert.equal(sessions.tokenOf(headers), undefined);
  });

  it('are only for TLS where the page came by it, and refuse a token that no cookie holds', () => {
    assert.match(sessions.begin('t', { host: 'admin.example', origin: 'https://admin.example' }).cookie, /; Secure$/);
    assert.throws(() => sessions.begin('t'.repeat(4000), { host }), /too long for a session/);
  });
});

describe('codes that open the Console', () => {
  it('work once, and for twelve hours', () => {
    let now = 0;
    const codes = new SignInCodes(() => now);
    const [first, second] = [codes.make(), codes.make()];
    assert.notEqual(first, second);
    assert.deepEqual([codes.use('guessed'), codes.use(first), codes.use(first)], [false, true, false]);
    now = 12 * HOUR;
    assert.equal(codes.use(second), false);
  });
});
