// A Topic with an outbox table on a whole platform, as docs/guides/outbox.md has it: rows reach a
// function, and conditions, diagnosis, catalogue and metrics say how the source does.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TopicEntry } from '../../../../admin/catalogue/catalogue-view.ts';
import type { Diagnosis } from '../../../../admin/diagnosis/finding.ts';
import type { TopicReport } from '../../../../admin/event-view.ts';
import { runLines } from '../../../e2e/page-blocks.ts';
import { openPostgresPage, type PostgresPage } from '../../../e2e/postgres-page.ts';
import { eventually } from '../../../eventually.ts';
import { postgres } from '../../../services/postgres.ts';
import { findService } from '../../../services/service.ts';

const service = findService(postgres);

if (service)
  describe('docs/guides/outbox.md', () => {
    let opened: PostgresPage;
    before(async () => {
      opened = await openPostgresPage({
        page: 'docs/guides/outbox.md',
        url: service.url(),
        role: 'relay',
        files: ['receipt.ts'],
      });
    });
    after(() => opened?.close());

    const source = async () => (await opened.ask<{ items: TopicReport[] }>('/topics')).items[0]?.source;
    const found = async () =>
      (await opened.ask<Diagnosis>('/diagnosis')).findings.find(({ resource }) => resource?.name === 'orders');
    const insert = (id: string, payload: string) =>
      opened.client.query("INSERT INTO outbox (order_id, kind, payload) VALUES ($1, 'OrderPaid', $2)", [id, payload]);

    it('says that its Secret is not there, and begins once it is', async () => {
      await eventually(async () => (await source())?.state === 'failing', 'it fails');
      const finding = await found();
      assert.equal(finding?.reason, 'SourceUnavailable');
      assert.match(finding.cause ?? '', /There is no Secret shop-db/);
      await opened.writeSecret();
      await eventually(async () => (await source())?.state === 'running', 'it runs');
    });

    it('calls the function with what a transaction has written', async () => {
      await opened.client.query(opened.page.next('sql'));
      const lines = async () => {
        const answer = await fetch(`${opened.platform.addresses.admin}/api/functions/default/receipt/lines`, {
          headers: { authorization: `Bearer ${opened.platform.adminToken}` },
        });
        return answer.text();
      };
      await eventually(async () => /an order was paid.*42/.test(await lines()), 'the function was called');
      assert.equal((await source())?.read, 1);
    });

    it('is among the producers in the catalogue', async () => {
      const { items } = await opened.ask<{ items: TopicEntry[] }>('/topics/catalogue');
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
      mkdirSync(join(opened.directory, 'second'));
      writeFileSync(join(opened.directory, 'second/app.yaml'), opened.page.next('yaml'));
      const [printed = ''] = await runLines(['tenfold validate second/app.yaml'], opened.directory);
      assert.doesNotMatch(printed, /error/i);
      await opened.client.query(opened.page.next('sql'));
      opened.page.end();
    });

    it('is counted', async () => {
      const metrics = await opened.platform.view.metrics();
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
