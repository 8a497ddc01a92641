// A table in Postgres on a whole platform, as docs/guides/postgres-tables.md has it: events become
// rows, and conditions, diagnosis, stories and metrics say how the sink does.
import assert from 'node:assert/strict';
import type { Diagnosis } from '../../../admin/diagnosis/finding.ts';
import type { PipelineReport } from '../../../admin/event-view.ts';
import type { EventStory } from '../../../admin/story-view.ts';
import type { TopicEventPage } from '../../../admin/topic-view.ts';
import { runLines } from '../../e2e/page-blocks.ts';
import { openPostgresPage, type PostgresPage } from '../../e2e/postgres-page.ts';
import { eventually } from '../../eventually.ts';
import { postgres } from '../../services/postgres.ts';
import { findService } from '../../services/service.ts';

const service = findService(postgres);

if (service)
  describe('docs/guides/postgres-tables.md', () => {
    let opened: PostgresPage;
    before(async () => {
      opened = await openPostgresPage({ page: 'docs/guides/postgres-tables.md', url: service.url(), role: 'writer' });
    });
    after(() => opened?.close());

    /** Of the first event. */
    const fates = async () => {
      const { items } = await opened.ask<TopicEventPage>('/topics/default/orders/events');
      const { partition, offset } = items.find(({ subject }) => subject === 'first') ?? {};
      const story = await opened.ask<EventStory>(`/topics/default/orders/events/${partition}-${offset}/story`);
      return story.consumers.map(({ fate }) => fate);
    };
    const table = async () => (await opened.ask<{ items: PipelineReport[] }>('/pipelines')).items[0]?.tables[0];
    const found = async () =>
      (await opened.ask<Diagnosis>('/diagnosis')).findings.find(({ resource }) => resource?.name === 'order-table');
    const publish = (data: string, more = '') =>
      runLines([`tenfold publish orders --data '${data}' ${more}`], opened.directory);
    const rows = async () =>
      (await opened.client.query('SELECT id, total FROM orders ORDER BY id')).rows.map(({ id, total }) => [id, total]);

    it('says that its Secret is not there, and begins once it is', async () => {
      await publish('{"id": "o-0", "total": 1}', '--subject first');
      await eventually(async () => (await table())?.trouble !== undefined, 'it fails');
      const finding = await found();
      assert.equal(finding?.reason, 'TableUnavailable');
      assert.match(finding.message, /^The table "orders" cannot be written; 1 event waits for it/);
      assert.match(finding.cause ?? '', /There is no Secret reports-db/);
      const { conditions } = await opened.ask<{ conditions: { type: string; message: string }[] }>(
        '/resources/Pipeline/default/order-table',
      );
      assert.match(
        conditions.find(({ type }) => type === 'Ready')?.message ?? '',
        /cannot be written: There is no Secret/,
      );
      assert.deepEqual(await fates(), ['done', 'waiting']);
      assert.match(await opened.platform.view.metrics(), /tenfold_table_up\{[^}]*table="orders"[^}]*\} 0/);
      await opened.writeSecret();
      await eventually(async () => (await rows()).length === 1, 'the row is there');
      await eventually(async () => (await fates()).join() === 'done,done', 'the story says so');
      await eventually(async () => (await table())?.trouble === undefined, 'it has recovered');
      assert.equal(await found(), undefined);
    });

    it('has the rows of the page', async () => {
      await runLines(opened.page.next('sh').trim().split('\n'), opened.directory);
      await eventually(async () => (await rows())[1]?.[1] === '40.50', 'the last order is there');
      const { rows: shown } = await opened.client.query(opened.page.next('sql'));
      assert.equal(shown.length, 2);
      opened.page.end();
    });

    it('deletes a row, and gives up one that is refused', async () => {
      await publish('{"id": "o-0"}', '--type OrderDeleted');
      await publish('{"id": "o-1", "total": -1}');
      await eventually(async () => (await rows()).length === 1, 'the row is gone');
      const letters = async () =>
        (await runLines(['tenfold dead list pipeline/order-table'], opened.directory)).join('');
      await eventually(async () => /violates check constraint/.test(await letters()), 'it is a dead letter');
      assert.deepEqual(await rows(), [['o-1', '40.50']]);
      assert.equal((await found())?.reason, 'EventsRefused');
    });

    it('is counted', async () => {
      await eventually(async () => (await table())?.behind === 0, 'the log knows the position');
      const metrics = await opened.platform.view.metrics();
      for (const line of [
        /tenfold_table_up\{[^}]*\} 1/,
        /behind_events\{[^}]*"orders"\} 0/,
        /written_total\{[^}]*\} 5/,
      ])
        assert.match(metrics, line);
    });
  });
