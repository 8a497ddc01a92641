// Questions in SQL in a real browser over a real platform: completion, rows, chart, download, and
// what is said of a query that is wrong.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { SqlTableReport } from '../../admin/sql-view.ts';
import { tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { assertAccessible } from './accessible.ts';
import { describeConsole, LOOKS, picture } from './running-console.ts';

const VISITS = `apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: visits, namespace: other }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Topic
metadata: { name: visits }
spec: { partitions: 1 }
---
apiVersion: tenfold.dev/v1alpha1
kind: Pipeline
metadata: { name: visits }
spec: { from: { topic: visits, start: earliest }, to: [{ archive: { roll: { every: 1d } } }] }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: visits }
spec: { routes: [{ match: { method: POST, path: /visits }, to: { topic: visits } }] }
`;
const BY_HOUR = "SELECT date_trunc('hour', time) AS hour, count(*) AS visits FROM visits GROUP BY hour ORDER BY hour";

describeConsole(
  'the Console, at SQL',
  running => {
    before(async () => {
      for (let n = 0; n < 40; n++) {
        const hour = String(Math.floor(Math.sqrt(n))).padStart(2, '0');
        const answer = await fetch(`${running.platform.addresses.public}/visits`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'ce-specversion': '1.0',
            'ce-id': `v${n}`,
            'ce-source': '/test',
            'ce-type': 'Visited',
            'ce-time': `2026-11-24T${hour}:00:00Z`,
          },
          body: JSON.stringify({ page: n % 2 === 0 ? '/' : '/menu, "today"' }),
        });
        assert.ok(answer.ok, await answer.text());
      }
      const tables = async () => (await running.admin<{ items: SqlTableReport[] }>('/api/sql/tables')).items;
      await eventually(async () => (await tables()).some(({ kind }) => kind === 'archive'), 'the archive is a table');
    });

    const write = async (page: Page, sql: string) => {
      await page.getByLabel('Query').fill(sql);
      await page.keyboard.press('Escape');
    };
    const ask = async (page: Page, sql: string) => {
      await write(page, sql);
      await page.getByRole('button', { name: 'Run' }).click();
    };

    for (const look of LOOKS)
      it(`shows rows, and a chart of one number over time, ${look}`, async () => {
        const page = await running.open('sql', look);
        await ask(page, BY_HOUR);
        await page.getByText(/^7 rows in \d+\.\d\d s\.$/).waitFor();
        await page
          .getByRole('img', { name: /visits over hour: 7 points from 2026-11-24T00:00Z .* newest 4, between 1 and 11/ })
          .waitFor();
        await page.getByRole('cell', { name: '11', exact: true }).waitFor();
        await page.waitForURL(/[?&]sql=SELECT/);
        await assertAccessible(page);
        await picture(page, `sql-${look}`);
      });

    it('offers tables and columns at the caret, by the keyboard alone', async () => {
      const page = await running.open('sql');
      await page.getByLabel('Query').focus();
      await page.keyboard.type('SELECT id FROM vis');
      await page.getByRole('option', { name: 'visits archive of visits' }).waitFor();
      await assertAccessible(page);
      await page.keyboard.press('Enter');
      await page.keyboard.type(' WHERE sour');
      await page.getByRole('option', { name: /^source/ }).waitFor();
      await picture(page, 'sql-completion');
      await page.keyboard.press('Tab');
      await page.keyboard.type(" = '/test' AND id = 'v7'");
      await page.keyboard.press('Control+Enter');
      await page.getByText(/^1 row in/).waitFor();
      assert.equal(
        await page.getByLabel('Query').inputValue(),
        "SELECT id FROM visits WHERE source = '/test' AND id = 'v7'",
      );
      await page.getByRole('cell', { name: 'v7' }).waitFor();
    });

    it('points to the place where a query is wrong, and refuses in words what it may not do', async () => {
      const page = await running.open('sql');
      await ask(page, 'SELECT id,\n  pages FROM visits');
      const wrong = page.getByRole('alert');
      await wrong.getByText(/pages/).first().waitFor();
      await assertAccessible(page);
      await picture(page, 'sql-wrong');
      await wrong.getByRole('button', { name: 'Go to line 2, column 3' }).click();
      const chosen =
        'getSelection().toString() || document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)';
      assert.equal(await page.evaluate(chosen), 'pages');
      await ask(page, "SELECT * FROM read_csv('/etc/passwd')");
      await wrong.getByText('Files, other databases and settings cannot be reached from a query.').waitFor();
    });

    it('ends after the rows that were asked for and says that there are more, and draws those in view', async () => {
      const page = await running.open('sql');
      await ask(page, 'SELECT range AS n, range * 2 AS twice FROM range(20000)');
      await page.getByText(/^1000 rows in .* There are more: ask for more rows/).waitFor();
      await page.getByLabel('Rows at most').selectOption('100000');
      await page.getByRole('button', { name: 'Run' }).click();
      await page.getByText(/^20000 rows in/).waitFor();
      const rows = page.getByRole('row');
      assert.ok((await rows.count()) < 100, `${await rows.count()} rows are drawn`);
      await page.locator('.sql-rows').evaluate((box: { scrollTop: number; scrollHeight: number }) => {
        box.scrollTop = box.scrollHeight;
      });
      await page.getByRole('cell', { name: '39998' }).waitFor();
    });

    it('is cancelled, and says so', async () => {
      const page = await running.open('sql');
      await ask(page, 'SELECT count(*) FROM range(10000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('It was cancelled.').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Cancel' }).count(), 0);
    });

    it('runs the next query in place of one that runs, and calls none of them cancelled', async () => {
      const page = await running.open('sql');
      await write(page, 'SELECT count(*) FROM range(10000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3');
      await page.getByLabel('Query').press('Control+Enter');
      await page.getByRole('button', { name: 'Cancel' }).waitFor();
      await page.evaluate(`
        new MutationObserver(() => {
          if (document.body.textContent.includes('cancelled')) document.title = 'It said so';
        }).observe(document.body, { subtree: true, childList: true, characterData: true })`);
      await write(page, 'SELECT 5 AS five');
      await page.getByLabel('Query').press('Control+Enter');
      await page.getByText(/^1 row in/).waitFor();
      assert.notEqual(await page.title(), 'It said so');
    });

    it('keeps what is typed when another namespace is chosen, and long queries out of the address', async () => {
      const page = await running.open('sql');
      await write(page, 'SELECT 5 AS five');
      await page.getByLabel('Namespace').selectOption('other');
      await page.getByText('There is nothing to ask').waitFor();
      await page.getByLabel('Namespace').selectOption('default');
      assert.equal(await page.getByLabel('Query').inputValue(), 'SELECT 5 AS five');
      await page.getByRole('button', { name: 'Run' }).click();
      await page.waitForURL(/[?&]sql=SELECT/);
      await ask(page, `SELECT 6 AS six -- ${'x'.repeat(5_000)}`);
      await page.getByText('the address does not keep it').waitFor();
      await page.getByRole('cell', { name: '6', exact: true }).waitFor();
      assert.doesNotMatch(page.url(), /sql=/);
    });

    it('gives the rows as CSV and as JSON Lines', async () => {
      const page = await running.open('sql');
      await ask(
        page,
        "SELECT id, data->>'page' AS page, NULL AS nothing FROM visits WHERE id IN ('v0', 'v1') ORDER BY id",
      );
      await page.getByText(/^2 rows in/).waitFor();
      const download = async (name: string) => {
        const saved = page.waitForEvent('download');
        await page.getByRole('button', { name }).click();
        const file = join(tempFolder(), 'saved');
        await (await saved).saveAs(file);
        return readFileSync(file, 'utf8');
      };
      assert.equal(await download('CSV'), 'id,page,nothing\r\nv0,/,\r\nv1,"/menu, ""today""",\r\n');
      assert.equal(
        await download('JSON Lines'),
        '{"id":"v0","page":"/","nothing":null}\n{"id":"v1","page":"/menu, \\"today\\"","nothing":null}\n',
      );
    });

    it('says where there is nothing to ask', async () => {
      const page = await running.open('sql?namespace=empty');
      await page.getByText('There is nothing to ask').waitFor();
      await assertAccessible(page);
    });
  },
  { files: { 'visits.yaml': VISITS } },
);
