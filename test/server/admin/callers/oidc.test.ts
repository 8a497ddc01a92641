// Callers of the admin API by ID tokens: which tokens are taken, and which roles they bring.
import assert from 'node:assert/strict';
import type { Authenticator } from '../../../../admin/access/authenticator.ts';
import { type Code, TenfoldError } from '../../../../core/errors.ts';
import { realWorld } from '../../../../core/world.ts';
import { fetchIssuerDocument, type OidcSettings, oidcAuthenticator } from '../../../../server/admin/callers/oidc.ts';
import { forge, startIssuer, type TestIssuer } from '../../../gateway/auth/test-issuer.ts';

describe('callers by ID tokens', () => {
  let issuer: TestIssuer;
  let now: number;
  const open = new Set<Authenticator>();

  beforeEach(async () => {
    issuer = await startIssuer();
    now = 0;
  });
  afterEach(async () => {
    for (const one of open) one.close?.();
    open.clear();
    await issuer.close();
  });

  const start = (more: Partial<OidcSettings> = {}) => {
    const settings: OidcSettings = {
      issuer: issuer.url,
      audience: 'tenfold',
      algorithms: ['ES256'],
      clockSkew: 30_000,
      usernameClaim: 'sub',
      groupsClaim: 'groups',
      roles: [
        { group: 'shop-team', role: 'operator', namespaces: ['shop'] },
        { group: 'support', role: 'viewer' },
        { user: 'ada', role: 'admin', namespaces: ['till'] },
      ],
      ...more,
    };
    const world = { ...realWorld, monotonic: () => realWorld.monotonic() + now };
    const authenticator = oidcAuthenticator({ world, settings, fetchJson: fetchIssuerDocument, log() {} });
    open.add(authenticator);
    const request = { headers: {}, socket: {} } as never;
    return (token: string | undefined) => authenticator.identify({ token, request });
  };
  const sign = (claims: object = {}) => issuer.sign({ aud: 'tenfold', groups: ['shop-team'], ...claims });

  it('have the roles of their groups and of their name', async () => {
    const find = start();
    const caller = await find(await sign());
    assert.equal(caller?.name, 'user ada');
    const rights = [
      caller?.may('operate', 'shop'),
      caller?.may('administer', 'shop'),
      caller?.may('administer', 'till'),
      caller?.may('view', 'other'),
    ];
    assert.deepEqual(rights, [true, false, true, false]);
    const both = await find(await sign({ sub: 'bob', groups: ['support', 'shop-team'] }));
    assert.deepEqual(
      [both?.may('view', undefined), both?.may('operate', 'shop'), both?.may('operate', undefined)],
      [true, true, false],
    );
    const one = await find(await sign({ sub: 'eve', groups: 'support' }));
    assert.equal(one?.may('view', 'any'), true);
    const none = await find(await sign({ sub: 'mallory', groups: ['others', 'ada'] }));
    assert.equal(none?.may('view', 'shop'), false);
  });

  it('have the name of the claim that is set, if the issuer vouches for it', async () => {
    const find = start({ usernameClaim: 'email', roles: [{ user: 'ada@example.com', role: 'admin' }] });
    const email = 'ada@example.com';
    assert.equal((await find(await sign({ email, email_verified: true })))?.may('view', undefined), true);
    await refused(find(await sign({ email, email_verified: false })), /not verified the email/);
    await refused(find(await sign()), /has no email/);
  });

  it('are somebody else to decide about where the token is of somebody else', async () => {
    const find = start();
    for (const token of [
      undefined,
      'plain',
      'a.b.c',
      forge({}, { iss: 'https://other.example' }),
      await sign({ iss: 'x' }),
    ])
      assert.equal(await find(token), undefined);
    assert.deepEqual(issuer.asked, []);
  });

  for (const [name, token, message] of [
    ['for another client', () => sign({ aud: 'shop' }), /claim aud/],
    ['that has ended', () => sign({ exp: Math.floor(Date.now() / 1000) - 60 }), /has expired/],
    ['that begins later', () => sign({ nbf: Math.floor(Date.now() / 1000) + 300 }), /not valid yet/],
    ['without an end', () => sign({ exp: undefined }), /claim exp/],
    [
      'that nobody signed',
      async () => forge({ alg: 'none' }, { iss: issuer.url, aud: 'tenfold', sub: 'ada' }),
      /signed in a way|malformed/,
    ],
    ['with a wrong signature', async () => `${(await sign()).slice(0, -8)}AAAAAAAA`, /signature is wrong/],
  ] as const) {
    it(`are refused with a token ${name}`, async () => {
      await refused(start()(await token()), message);
    });
  }

  it('are let in when the clocks differ a little', async () => {
    assert.ok(await start()(await sign({ exp: Math.floor(Date.now() / 1000) - 10 })));
  });

  it('are known by a new key of the issuer, and not by one that it took back', async () => {
    const find = start();
    const old = await sign();
    assert.ok(await find(old));
    await issuer.addKey('second');
    issuer.keys.delete('first');
    now += 10_001;
    const fresh = await issuer.sign({ aud: 'tenfold' }, { kid: 'second' });
    assert.ok(await find(fresh));
    await refused(find(old), /key of the token is not known/);
  });

  it('cannot be checked while the issuer is away, and nobody is let in', async () => {
    const token = await sign();
    issuer.failWith = 500;
    const find = start();
    await assert.rejects(
      async () => find(token),
      error => hasCode(error, 'auth-unavailable'),
    );
    issuer.failWith = undefined;
    now += 1_001;
    assert.ok(await find(token));
  });

  async function refused(found: unknown, message: RegExp): Promise<void> {
    await assert.rejects(
      async () => found,
      (error: Error) => hasCode(error, 'unauthenticated') && message.test(error.message),
    );
  }
});

function hasCode(error: unknown, code: Code): boolean {
  return error instanceof TenfoldError && error.code === code;
}
