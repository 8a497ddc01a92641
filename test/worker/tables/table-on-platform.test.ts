// A table in Postgres on a whole platform, as docs/guides/postgres-tables.md has it: events become
// rows, and conditions, diagnosis, stories and metrics say how the sink does.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Diagnosis } from '../../../admin/diagnosis/finding.ts';
import type { PipelineReport } from '../../../admin/event-view.ts';
import type { EventStory } from '../../../admin/story-view.ts';
import type { TopicEventPage } from '../../../admin/topic-view.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { readBlocks, runLines } from '../../e2e/page-blocks.ts';
import { root } from '../../e2e/platform-process.ts';
import { eventually } from '../../eventually.ts';
import { postgres } from '../../services/postgres.ts';
import { findService } from '../../services/service.ts';

const service = findService(postgres);
const DATABASE = `reports_${process.pid}`;

if (service)
  describe('docs/guides/postgres-tables.md', () => {
    const page = readBlocks('docs/guides/postgres-tables.md');
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
      const ports = { public: 0, internal: 0, admin: 0 };
      platform = await startPlatform({ directory, watch: false, host: '127.0.0.1', ports, events: {} });
      assert.deepEqual(platform.view.catalog.problems, []);
    });
    after(async () => {
      await platform.close(1000);
      await client.query('DROP OWNED BY writer');
      await client.end();
      await server.query(`DROP DATABASE ${DATABASE}`);
      await server.query('DROP ROLE writer');
      await server.end();
      rmSync(directory, { recursive: true });
    });

    const ask = async <T>(path: string): Promise<T> => {
      const headers = { authorization: `Bearer ${platform.adminToken}` };
      const answer = await fetch(`${platform.addresses.admin}/api${path}`, { headers });
      assert.equal(answer.status, 200, path);
      return JSON.parse(await answer.text());
    };
    /** Of the first event. */
    const fates = async () => {
      const { items } = await ask<TopicEventPage>('/topics/default/orders/events');
      const { partition, offset } = items.find(({ subject }) => subject === 'first') ?? {};
      const story = await ask<EventStory>(`/topics/default/orders/events/${partition}-${offset}/story`);
      return story.consumers.map(({ fate }) => fate);
    };
    const table = async () => (await ask<{ items: PipelineReport[] }>('/pipelines')).items[0]?.tables[0];
    const found = async () =>
      (await ask<Diagnosis>('/diagnosis')).findings.find(({ resource }) => resource?.name === 'order-table');
    const publish = (data: string, more = '') =>
      runLines([`tenfold publish orders --data '${data}' ${more}`], directory);
    const rows = async () =>
      (await client.query('SELECT id, total FROM orders ORDER BY id')).rows.map(({ id, total }) => [id, total]);

    it('says that its Secret is not there, and begins once it is', async () => {
      await publish('{"id": "o-0", "total": 1}', '--subject first');
      await eventually(async () => (await table())?.trouble !== undefined, 'it fails');
      const finding = await found();
      assert.equal(finding?.reason, 'TableUnavailable');
      assert.match(finding.message, /^The table "orders" cannot be written; 1 event waits for it/);
      assert.match(finding.cause ?? '', /There is no Secret reports-db/);
      const { conditions } = await ask<{ conditions: { type: string; message: string }[] }>(
        '/resources/Pipeline/default/order-table',
      );
      assert.match(
        conditions.find(({ type }) => type === 'Ready')?.message ?? '',
        /cannot be written: There is no Secret/,
      );
      assert.deepEqual(await fates(), ['done', 'waiting']);
      assert.match(await platform.view.metrics(), /tenfold_table_up\{[^}]*table="orders"[^}]*\} 0/);
      const { host } = new URL(service.url());
      await runLines([page.next('sh').replace('127.0.0.1:5432/shop', `${host}/${DATABASE}`)], directory);
      await eventually(async () => (await rows()).length === 1, 'the row is there');
      await eventually(async () => (await fates()).join() === 'done,done', 'the story says so');
      await eventually(async () => (await table())?.trouble === undefined, 'it has recovered');
      assert.equal(await found(), undefined);
    });

    it('has the rows of the page', async () => {
      await runLines(page.next('sh').trim().split('\n'), directory);
      await eventually(async () => (await rows())[1]?.[1] === '40.50', 'the last order is there');
      const { rows: shown } = await client.query(page.next('sql'));
      assert.equal(shown.length, 2);
      page.end();
    });

    it('deletes a row, and gives up one that is refused', async () => {
      await publish('{"id": "o-0"}', '--type OrderDeleted');
      await publish('{"id": "o-1", "total": -1}');
      await eventually(async () => (await rows()).length === 1, 'the row is gone');
      const letters = async () => (await runLines(['tenfold dead list pipeline/order-table'], directory)).join('');
      await eventually(async () => /violates check constraint/.test(await letters()), 'it is a dead letter');
      assert.deepEqual(await rows(), [['o-1', '40.50']]);
      assert.equal((await found())?.reason, 'EventsRefused');
    });

    it('is counted', async () => {
      await eventually(async () => (await table())?.behind === 0, 'the log knows the position');
      const metrics = await platform.view.metrics();
      for (const line of [
        /tenfold_table_up\{[^}]*\} 1/,
        /behind_events\{[^}]*"orders"\} 0/,
        /written_total\{[^}]*\} 5/,
      ])
        assert.match(metrics, line);
    });
  });
