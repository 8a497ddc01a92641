// The page of a FanOut in a real browser, where answers are missing or not what this version knows.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import { describeConsole } from '../running-console.ts';
import { divisionFiles } from './workshop.ts';

describeConsole(
  'the Console, at answers that it cannot read',
  running => {
    let job = '';
    const PRINTS = 'resources/FanOut/default/prints';

    before(async () => {
      const pages = Array.from({ length: 12 }, (_, page) => ({ page }));
      ({ id: job } = (await running.send('POST', '/prints', { pages })) as { id: string });
      const jobs = () => running.admin<{ items: { state: string }[] }>('/api/fan-outs/jobs');
      await eventually(async () => (await jobs()).items[0]?.state === 'failed', 'the job has ended');
    });

    it('shows the rest of a job where its map cannot be read, or has what this version does not know', async () => {
      const page = await running.open();
      await page.route('**/items?**', route => route.fulfill({ status: 503, json: { error: { message: 'away' } } }));
      await page.route('**/failed?**', async route => {
        const response = await route.fetch();
        const { items } = (await response.json()) as { items: object[] };
        await route.fulfill({ response, json: { items: items.map(item => ({ ...item, reason: 'of-later' })) } });
      });
      await page.goto(`${page.url().replace(/console\/.*/, 'console/')}${PRINTS}?job=${job}`);
      await page.getByRole('row').filter({ hasText: 'of-later' }).first().waitFor();
      await page.getByRole('button', { name: 'Try what failed again' }).waitFor();
      await page.getByRole('heading', { name: 'This could not be read' }).waitFor();
    });

    it('says of a page that breaks that it could not be shown', async () => {
      const page = await running.open();
      const broken = /resources\/FanOut\/default\/prints/;
      await page.route('**/api/fan-outs/jobs?**', route => route.fulfill({ json: { items: 'none' } }));
      await page.goto(`${page.url().replace(/console\/.*/, 'console/')}${PRINTS}`);
      await page.getByRole('alert').getByText('This part could not be shown').waitFor();
      assert.match(page.url(), broken);
      await page.getByRole('heading', { name: 'As it is written' }).waitFor();
    });
  },
  { files: divisionFiles },
);
