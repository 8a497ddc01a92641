// What is measured of archives, and of tables of databases.
import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import type { PipelineReport } from '../../../admin/event-view.ts';
import { registerArchiveMetrics, registerTableMetrics } from '../../../server/metrics/archive-metrics.ts';

const report: PipelineReport = {
  namespace: 'shop',
  name: 'clicks',
  state: 'running',
  lastError: undefined,
  lag: 7,
  handled: 100,
  emitted: 0,
  late: 0,
  filtered: 0,
  deduplicated: 0,
  unjoined: 0,
  joining: 0,
  repeated: 0,
  watermark: undefined,
  parkedEvents: 0,
  deadLetters: 0,
  refused: 2,
  jumped: 3,
  archives: [{ table: 'clicks', behind: 5, gathered: 90 }],
  tables: [{ table: 'orders', behind: 4, written: 80, trouble: 'It is away.' }],
};

async function textOf(reports: () => Promise<readonly PipelineReport[]>): Promise<string> {
  const registry = new Registry();
  registerArchiveMetrics(registry, reports);
  registerTableMetrics(registry, reports);
  return registry.metrics();
}

describe('metrics of archives', () => {
  it('say how far each is', async () => {
    let looks = 0;
    const text = await textOf(async () => {
      looks++;
      return [report];
    });
    const archive = '{namespace="shop",name="clicks",table="clicks"}';
    for (const line of [`tenfold_archive_behind_events${archive} 5`, `tenfold_archive_gathered_total${archive} 90`]) {
      assert.ok(text.includes(`${line}\n`), `${line} is not in\n${text}`);
    }
    const table = '{namespace="shop",name="clicks",table="orders"}';
    for (const line of ['up{} 0', 'behind_events{} 4', 'written_total{} 80']) {
      assert.ok(text.includes(`tenfold_table_${line.replace('{}', table)}\n`), `${line} is not in\n${text}`);
    }
    assert.equal(looks, 2, 'each of one look');
  });

  it('have no sample of what is not known', async () => {
    const archives = [{ table: 'clicks', behind: undefined, gathered: 0 }];
    const text = await textOf(async () => [{ ...report, state: 'starting', lag: undefined, archives }]);
    assert.doesNotMatch(text, /^tenfold_archive_behind_events\{/m);
  });

  it('are left out while the log is away', async () => {
    const away = async (): Promise<never> => {
      throw new Error('away');
    };
    assert.doesNotMatch(await textOf(away), /^tenfold_\w+\{/m);
  });
});
