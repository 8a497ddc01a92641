// How a database is reached: what its address may say, and what TLS protects from, at a real
// Postgres.
import assert from 'node:assert/strict';
import { Client } from 'pg';
import { TenfoldError } from '../../../../core/errors.ts';
import { openPostgresOutbox } from '../../../../drivers/outbox/postgres/postgres-outbox.ts';
import { connectionSettingsOf } from '../../../../drivers/postgres/connection-settings.ts';
import { eventually } from '../../../eventually.ts';
import { first, second } from '../../../fixtures/tls/certificates.ts';
import { type PostgresServer, postgres, startPostgres } from '../../../services/postgres.ts';
import { canStart } from '../../../services/service.ts';

const saying = (what: RegExp) => (error: unknown) => {
  assert.ok(error instanceof TenfoldError);
  assert.match(error.message, what);
  assert.doesNotMatch(error.message, /hidden/);
  return true;
};

describe('the address of a database in a Secret', () => {
  it('has all that a connection needs, with what is escaped in it', () => {
    const url = 'postgresql://a%40b:p%2Fw@db.example:6000/shop';
    const { ssl: _, ...settings } = connectionSettingsOf('db', { url });
    const shown = 'db.example:6000/shop';
    assert.deepEqual(settings, {
      host: 'db.example',
      port: 6000,
      user: 'a@b',
      password: 'p/w',
      database: 'shop',
      shown,
    });
    const apart = connectionSettingsOf('db', { uri: 'postgres://[::1]/shop', username: 'u', password: 'p' });
    assert.deepEqual([apart.host, apart.port, apart.user, apart.password], ['::1', 5432, 'u', 'p']);
  });

  const modes: readonly [string, string, boolean | undefined][] = [
    ['another host', 'postgres://u@db.example/shop', true],
    ['this machine', 'postgres://u@127.0.0.1/shop', undefined],
    ['this machine by name', 'postgres://u@localhost/shop', undefined],
    ['a host that is named like this machine', 'postgres://u@127.0.0.1.example/shop', true],
    ['sslmode=require', 'postgres://u@db.example/shop?sslmode=require', false],
    ['sslmode=disable', 'postgres://u@db.example/shop?sslmode=disable', undefined],
  ];
  for (const [what, url, checks] of modes)
    it(`has TLS as it is safe: ${what}`, () => {
      const { ssl } = connectionSettingsOf('db', { url });
      assert.equal(ssl === false ? undefined : ssl.rejectUnauthorized, checks);
    });

  const refused: readonly [string, Record<string, string> | undefined, RegExp][] = [
    ['no Secret', undefined, /There is no Secret db/],
    ['no url', { ca: 'x' }, /neither url nor uri/],
    ['another protocol', { url: 'mysql://u:hidden@db/shop' }, /no address of Postgres/],
    ['no user', { url: 'postgres://db/shop' }, /lacks its host, its user/],
    ['no database', { url: 'postgres://u:hidden@db' }, /lacks its host/],
    ['a mode that falls back to plain text', { url: 'postgres://u@db/shop?sslmode=prefer' }, /must be one of disable/],
    ['logical replication', { url: 'postgres://u@db/shop?replication=database' }, /replication is not supported/],
    ['a parameter without effect', { url: 'postgres://u@db/shop?sslcert=x' }, /"sslcert".*has no effect/],
    ['a check without certificates', { url: 'postgres://u@db/shop?sslmode=verify-ca' }, /needs the key ca/],
  ];
  for (const [what, entries, message] of refused)
    it(`is refused with ${what}`, () => {
      assert.throws(() => connectionSettingsOf('db', entries), saying(message));
    });
});

if (canStart(postgres))
  describe('a connection to Postgres', () => {
    let server: PostgresServer;
    let client: Client;
    before(async () => {
      server = await startPostgres(first);
      client = new Client(server.url);
      client.on('error', () => undefined);
      await client.connect();
      await client.query('CREATE TABLE outbox (id int PRIMARY KEY, data text)');
    });
    after(async () => {
      await client.end();
      await server.stop();
    });

    const open = (host: string, mode: string, ca?: string, more: Partial<URL> = {}) => {
      const url = Object.assign(new URL(server.url), { hostname: host, search: `?sslmode=${mode}`, ...more });
      return openPostgresOutbox({
        connection: connectionSettingsOf('db', { url: url.href, ...(ca === undefined ? {} : { ca }) }),
        table: 'outbox',
        columns: { id: 'id', data: 'data' },
        channel: undefined,
        connectTimeoutMs: 5_000,
        statementTimeoutMs: 5_000,
        lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
        assertAddress: address => assert.notEqual(address, '169.254.169.254'),
        signal: new AbortController().signal,
      });
    };

    const rows: readonly [string, string, string | undefined, boolean | RegExp][] = [
      ['localhost', 'verify-full', first.cert, true],
      ['127.0.0.1', 'verify-full', first.cert, true],
      ['localhost', 'verify-full', undefined, /self-signed certificate/],
      ['db.example', 'verify-full', first.cert, /does not match certificate's altnames/],
      ['127.0.0.2', 'verify-full', first.cert, /does not match certificate's altnames|IP: 127\.0\.0\.2/],
      ['db.example', 'verify-ca', first.cert, true],
      ['localhost', 'verify-ca', second.cert, /self-signed certificate/],
      ['db.example', 'require', undefined, true],
      ['localhost', 'disable', undefined, false],
    ];
    for (const [host, mode, ca, expected] of rows)
      it(`${expected instanceof RegExp ? 'is refused' : `has ${expected ? '' : 'no '}TLS`}: ${host}, ${mode}${ca ? ', ca' : ''}`, async () => {
        if (expected instanceof RegExp) {
          await assert.rejects(open(host, mode, ca), saying(expected));
          return;
        }
        const outbox = await open(host, mode, ca);
        // Those of the connections before it end a little later.
        const isSecure = async () => {
          const { rows: found } = await client.query(
            "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'tenfold'",
          );
          return found.length === 1 && found[0]?.['ssl'] === expected;
        };
        await eventually(isSecure, 'the only connection is as it should be').finally(() => outbox.close());
      });

    it('says that the password is wrong, without it', async () => {
      await assert.rejects(
        open('localhost', 'disable', undefined, { password: 'hidden' }),
        saying(/The database localhost:\d+\/postgres refuses it: password authentication failed/),
      );
    });

    it('is not opened to an address that is forbidden', async () => {
      await assert.rejects(open('169.254.169.254', 'disable'), /169\.254/);
    });
  });
