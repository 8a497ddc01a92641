// A Topic with an outbox table on a whole platform, as docs/guides/outbox.md has it: rows reach a
// function, and conditions, diagnosis, catalogue and metrics say how the source does.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TopicEntry } from '../../../../admin/catalogue/catalogue-view.ts';
import type { Diagnosis } from '../../../../admin/diagnosis/finding.ts';
import type { TopicReport } from '../../../../admin/event-view.ts';
import { type Platform, startPlatform } from '../../../../server/platform.ts';
import { readBlocks, runLines } from '../../../e2e/page-blocks.ts';
import { root } from '../../../e2e/platform-process.ts';
import { eventually } from '../../../eventually.ts';
import { postgres } from '../../../services/postgres.ts';
import { findService } from '../../../services/service.ts';

const service = findService(postgres);
const DATABASE = `shop_${process.pid}`;

if (service)
  describe('docs/guides/outbox.md', () => {
    const page = readBlocks('docs/guides/outbox.md');
    let directory: string;
    let platform: Platform;
    let server: Client;
    let client: Client;
    const connect = async (database: string) => {
      const made = new Client(Object.assign(new URL(service.url()), { pathname: database }).href);
      made.on('error', () => undefined);
      await made.connect();
      return made;
    };
    before(async () => {
      server = await connect('postgres');
      await server.query(`CREATE DATABASE ${DATABASE}`);
      client = await connect(DATABASE);
      await client.query(page.next('sql'));
      mkdirSync(join(root, '.cache'), { recursive: true });
      directory = mkdtempSync(join(root, '.cache', 'page-'));
      writeFileSync(join(directory, 'app.yaml'), page.next('yaml'));
      writeFileSync(join(directory, 'receipt.ts'), page.next('ts'));
      const ports = { public: 0, internal: 0, admin: 0 };
      platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
      assert.deepEqual(platform.view.catalog.problems, []);
    });
    after(async () => {
      await platform.close(1000);
      await client.query('DROP OWNED BY relay');
      await client.end();
      await server.query(`DROP DATABASE ${DATABASE}`);
      await server.query('DROP ROLE relay');
      await server.end();
      rmSync(directory, { recursive: true });
    });

    const ask = async <T>(path: string): Promise<T> => {
      const headers = { authorization: `Bearer ${platform.adminToken}` };
      const answer = await fetch(`${platform.addresses.admin}/api${path}`, { headers });
      assert.equal(answer.status, 200, path);
      return JSON.parse(await answer.text());
    };
    const source = async () => (await ask<{ items: TopicReport[] }>('/topics')).items[0]?.source;
    const found = async () =>
      (await ask<Diagnosis>('/diagnosis')).findings.find(({ resource }) => resource?.name === 'orders');
    const insert = (id: string, payload: string) =>
      client.query("INSERT INTO outbox (order_id, kind, payload) VALUES ($1, 'OrderPaid', $2)", [id, payload]);

    it('says that its Secret is not there, and begins once it is', async () => {
      await eventually(async () => (await source())?.state === 'failing', 'it fails');
      const finding = await found();
      assert.equal(finding?.reason, 'SourceUnavailable');
      assert.match(finding.cause ?? '', /There is no Secret shop-db/);
      const { host } = new URL(service.url());
      await runLines([page.next('sh').replace('127.0.0.1:5432/shop', `${host}/${DATABASE}`)], directory);
      await eventually(async () => (await source())?.state === 'running', 'it runs');
    });

    it('calls the function with what a transaction has written', async () => {
      await client.query(page.next('sql'));
      const lines = async () => {
        const answer = await fetch(`${platform.addresses.admin}/api/functions/default/receipt/lines`, {
          headers: { authorization: `Bearer ${platform.adminToken}` },
        });
        return answer.text();
      };
      await eventually(async () => /an order was paid.*42/.test(await lines()), 'the function was called');
      assert.equal((await source())?.read, 1);
    });

    it('is among the producers in the catalogue', async () => {
      const { items } = await ask<{ items: TopicEntry[] }>('/topics/catalogue');
      assert.deepEqual(items[0]?.producers, [{ kind: 'Postgres', namespace: 'default', name: 'outbox' }]);
    });

    it('names a row that became no event', async () => {
      await insert('o-2', '{"sum": 5}');
      await eventually(async () => (await source())?.aside === 1, 'it is aside');
      const finding = await found();
      assert.equal(finding?.reason, 'RowsRefused');
      assert.match(finding.message, /1 row became no event, and stays in the table "outbox"; the first has the id "2"/);
      assert.match(finding.cause ?? '', /does not match its schema/);
    });

    it('has a second example that is valid, and a line that notifies', async () => {
      mkdirSync(join(directory, 'second'));
      writeFileSync(join(directory, 'second/app.yaml'), page.next('yaml'));
      const [printed = ''] = await runLines(['tenfold validate second/app.yaml'], directory);
      assert.doesNotMatch(printed, /error/i);
      await client.query(page.next('sql'));
      page.end();
    });

    it('is counted', async () => {
      const metrics = await platform.view.metrics();
      for (const line of [
        /tenfold_source_up\{[^}]*name="orders"[^}]*\} 1/,
        /tenfold_source_rows_total\{[^}]*\} 1/,
        /tenfold_source_aside_rows\{[^}]*\} 1/,
        /tenfold_source_waiting_rows\{[^}]*\} 1/,
        /tenfold_source_lag_seconds\{[^}]*\} 0/,
        /tenfold_source_refused_total\{[^}]*reason="schema"[^}]*\} 1/,
        /tenfold_source_failures_total\{[^}]*reason="table"[^}]*\} [1-9]/,
      ])
        assert.match(metrics, line);
    });
  });
