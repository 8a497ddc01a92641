// The pages of a FanOut and of a Queue stand in a real browser, against a platform where some work
// failed.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import { assertAccessible } from '../accessible.ts';
import { describeConsole, LOOKS, picture, VIEWER } from '../running-console.ts';
import { schedulePages } from './schedule-pages.ts';
import { divisionFiles } from './workshop.ts';

interface Job {
  readonly id: string;
  readonly state: string;
  readonly cause?: { readonly message: string };
}

describeConsole(
  'the Console, at work that is divided and queued',
  running => {
    let job = '';
    const pages = Array.from({ length: 60 }, (_, page) => ({ page }));
    const PRINTS = 'resources/FanOut/default/prints';
    const jobsOf = (path: string) => running.admin<{ items: Job[] }>(path);

    before(async () => {
      // What fails before the function has its key tells no cause.
      const tellsCauses = async () => {
        await running.send('POST', '/notes', { page: 10 });
        return (await jobsOf('/api/jobs?queue=notes&state=failed')).items.some(({ cause }) => cause !== undefined);
      };
      await eventually(tellsCauses, 'the function tells its causes');
      ({ id: job } = (await running.send('POST', '/prints', { pages })) as Job);
      for (const page of [1, 2, 3]) await running.send('POST', '/letters', { page });
      for (const page of [3, 4]) await running.send('POST', '/notes', { page });
      const ended = async () => (await jobsOf('/api/fan-outs/jobs')).items[0]?.state === 'failed';
      await eventually(ended, 'the job has ended');
      const waits = async () => (await jobsOf('/api/jobs?queue=letters&state=waiting')).items.length === 1;
      await eventually(waits, 'one letter waits');
      const failed = async () =>
        (await jobsOf('/api/jobs?queue=notes&state=failed')).items.some(({ cause }) =>
          cause?.message.includes('page 3'),
        );
      await eventually(failed, 'the note of page 3 failed');
    });

    for (const look of LOOKS)
      it(`shows the items of a job as squares, the failed ones first with their causes, ${look}`, async () => {
        const page = await running.open(PRINTS, look);
        await page.getByRole('link', { name: job }).click();
        await page.waitForURL(url => url.searchParams.get('job') === job);
        await page.getByRole('img', { name: 'Items: 9 failed, 0 open, 51 succeeded' }).waitFor();
        const squares = page.locator('.squares > *');
        const looks = await squares.evaluateAll(all => all.map(each => each.className));
        assert.deepEqual(looks, [
          ...Array.from({ length: 9 }, () => 'square failed'),
          ...Array.from({ length: 51 }, () => 'square succeeded'),
        ]);
        await page.getByRole('row').filter({ hasText: 'the plate of page 10 is bent' }).waitFor();
        await page.getByText('Processes remember the time of 51 items.').waitFor();
        await assertAccessible(page);
        await page.getByRole('img', { name: /^Facts to be counted: .*all: newest 0, between/ }).waitFor();
        await page.getByRole('img', { name: /^Jobs each second: .*failed or expired: newest 0\/s/ }).waitFor();
        await picture(page, `fan-out-${look}`);
      });

    it('leads from a failed item to its event', async () => {
      const page = await running.open(`${PRINTS}?job=${job}`);
      const item = page.getByRole('row').filter({ hasText: 'the plate of page 17 is bent' });
      await item.getByRole('link', { name: 'Open' }).click();
      await page.getByRole('dialog').getByText('17', { exact: true }).first().waitFor();
    });

    it('keeps the state that jobs are filtered by in the address', async () => {
      const page = await running.open(PRINTS);
      await page.getByRole('link', { name: job }).waitFor();
      await page.getByLabel('State').selectOption('succeeded');
      await page.waitForURL(url => url.searchParams.get('state') === 'succeeded');
      await page.getByRole('heading', { name: 'No job matches' }).waitFor();
      await page.getByRole('link', { name: 'Show all jobs' }).click();
      await page.getByRole('link', { name: job }).waitFor();
    });

    it('says of a job that is forgotten that it is not there', async () => {
      const page = await running.open(`${PRINTS}?job=0-9999-0123456789abcdef`);
      await page.getByRole('alert').getByText('has no job 0-9999-0123456789abcdef').waitFor();
    });

    it('tells whoever may not try again who may', async () => {
      const page = await running.fresh();
      await page.goto(`${running.platform.addresses.admin}/console/${PRINTS}?job=${job}`);
      await page.getByLabel('Token').fill(VIEWER);
      await page.keyboard.press('Enter');
      const again = page.getByRole('button', { name: 'Try what failed again' });
      await again.waitFor();
      assert.equal(await again.getAttribute('aria-disabled'), 'true');
      await again.press('Enter');
      await page.getByRole('alert').getByText('This needs the role operator in default').waitFor();
    });

    for (const look of ['light', 'phone'] as const)
      it(`shows the jobs of a Queue with their causes, ${look}`, async () => {
        const page = await running.open('resources/Queue/default/letters', look);
        const waiting = page.getByRole('row').filter({ hasText: 'the plate of page 3 is bent' });
        await waiting.getByText('waiting').waitFor();
        await page.getByRole('img', { name: /^Not handled yet: .*parked: newest 1, between 1 and 1/ }).waitFor();
        await assertAccessible(page);
        await picture(page, `queue-${look}`);
        await waiting.getByRole('link').click();
        const dialog = page.getByRole('dialog');
        await dialog.getByText('RangeError: the plate of page 3 is bent').waitFor();
        await assertAccessible(page);
        await picture(page, `queue-job-${look}`);
      });

    it('leads from a failed job of a Queue to what failed', async () => {
      const page = await running.open('resources/Queue/default/notes?state=failed');
      await page.getByRole('row').filter({ hasText: 'the plate of page 3 is bent' }).getByRole('link').click();
      await page.getByRole('dialog').getByRole('link', { name: 'Open what failed' }).click();
      await page.getByRole('heading', { level: 1, name: 'Dead letters of Queue notes' }).waitFor();
    });

    it('cancels a job of a Queue, and shows it', async () => {
      const page = await running.open('resources/Queue/default/letters?state=waiting');
      await page.getByRole('row').filter({ hasText: 'waiting' }).getByRole('link').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Cancel the job' }).click();
      const plan = page.getByRole('dialog', { name: 'Cancel the job: the plan' });
      await plan.getByText('No further attempt is made').waitFor();
      await assertAccessible(page);
      await plan.getByRole('button', { name: 'Leave it' }).click();
      await plan.waitFor({ state: 'detached' });
      await dialog.getByText('waiting').waitFor();
      await dialog.getByRole('button', { name: 'Cancel the job' }).click();
      await plan.getByRole('button', { name: 'Cancel it' }).click();
      await dialog.getByText('cancelled').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('heading', { name: 'No job matches' }).waitFor();
    });

    schedulePages(running);

    it('tries what failed again, and shows the job succeed', async () => {
      const page = await running.open(`${PRINTS}?job=${job}`);
      await page.getByRole('button', { name: 'Try what failed again' }).waitFor();
      await running.send('PUT', '/mended', {});
      await page.getByRole('button', { name: 'Try what failed again' }).click();
      await page.getByRole('img', { name: 'Items: 0 failed, 0 open, 60 succeeded' }).waitFor();
      await page.getByText('Redriven').locator('..').getByText('1 time').waitFor();
    });
  },
  { files: divisionFiles },
);
