// The pages of Topics, Views, Pipelines, Functions and Apis stand in a real browser, against a
// platform that counts what is read.
import assert from 'node:assert/strict';
import type { PipelineReport, ViewReport } from '../../../admin/event-view.ts';
import { eventually } from '../../eventually.ts';
import { assertAccessible } from '../accessible.ts';
import { describeConsole, LOOKS, picture, type RunningConsole, VIEWER } from '../running-console.ts';
import { magazineFiles, OFFICE_KEY } from './magazine.ts';
import { CLICKS, questionsToViews } from './view-questions.ts';
import { waterfalls } from './waterfall-pages.ts';

function requestsToApis(running: RunningConsole): void {
  for (const look of LOOKS)
    it(`sends a request to an Api by fields of its schemas, under the Api's own auth, ${look}`, async () => {
      const page = await running.open('resources/Api/default/office', look);
      await page.getByText('an API key in the header x-api-key').waitFor();
      await page.getByRole('button', { name: 'Send it' }).click();
      await page.getByRole('alert').getByText('Fill in “id” first').waitFor();
      await page.getByLabel('id, in the path').fill('a/7');
      await page.getByLabel('x-from, a header').fill('a reader');
      const body = page.getByLabel('Body, as its schema says');
      assert.deepEqual(JSON.parse(await body.inputValue()), { words: 12, tone: 'kind' });
      await page.getByRole('button', { name: 'Send it' }).click();
      const answer = page.getByRole('status').filter({ hasText: 'ms' });
      await answer.getByText('401', { exact: true }).first().waitFor();
      await page.getByLabel('Further headers, one on each line').fill(`x-api-key: ${OFFICE_KEY}`);
      await page.getByRole('button', { name: 'Send it' }).click();
      await answer.getByText('200', { exact: true }).first().waitFor();
      await answer.getByText('"a reader"').waitFor();
      await answer.getByText('"a/7"').waitFor();
      await answer.getByRole('link', { name: 'What it led to' }).waitFor();
      await assertAccessible(page);
      await picture(page, `api-request-${look}`);
    });
}

function callsOfFunctions(running: RunningConsole): void {
  for (const look of LOOKS)
    it(`calls a Function, shows its answer, and follows the lines that it writes, ${look}`, async () => {
      const page = await running.open('resources/Function/default/desk', look);
      await page.getByLabel('Method').selectOption('POST');
      await page.getByLabel('Path at the Function').fill(`/letters/${look}?by=hand`);
      await page.getByLabel('Headers, one on each line').fill('x-from: a reader');
      await page.getByLabel('Body').fill('{"words": 12}');
      await page.getByRole('button', { name: 'Call it' }).click();
      const answer = page.getByRole('status').filter({ hasText: 'ms' });
      await answer.getByText('200', { exact: true }).waitFor();
      await answer.getByText('"a reader"').waitFor();
      const lines = page.getByRole('list', { name: 'Log lines' }).getByRole('listitem');
      const line = lines.filter({ hasText: 'a letter came in' }).filter({ hasText: `"${look}"` });
      await line.waitFor();
      await page
        .getByRole('row')
        .filter({ hasText: 'newest' })
        .getByText(/ago|just now/)
        .waitFor();
      await page
        .getByRole('img', {
          name: /^Calls each second: .*ended: newest \S+, between 0\/s and (?!0\/s).* failed: newest 0\/s/,
        })
        .waitFor();
      await page.getByRole('img', { name: /^Time of a call, on average: .*a call: newest [\d.]+ m?s/ }).waitFor();
      await picture(page, `function-answered-${look}`);
      await line.getByText('More of it').click();
      await line.getByText(`"${look}"`).waitFor();
      await assertAccessible(page);
      await picture(page, `function-called-${look}`);
      await page.getByLabel('With this text').fill(`"id":"${look}"`);
      await page.getByRole('button', { name: 'Search' }).click();
      await page.waitForURL(url => url.searchParams.has('text'));
      await eventually(async () => (await lines.count()) === 1, 'one line has the text');
    });

  it('shows why a Function failed, and what is no request', async () => {
    const page = await running.open('resources/Function/default/desk');
    await page.getByLabel('Path at the Function').fill('/lost');
    await page.getByRole('button', { name: 'Call it' }).click();
    const answer = page.getByRole('status').filter({ hasText: 'ms' });
    await answer.getByText('500', { exact: true }).first().waitFor();
    await answer.getByText('the drawer of lost letters is empty').waitFor();
    await assertAccessible(page);
    await page.getByLabel('Headers, one on each line').fill('no header');
    await page.getByRole('button', { name: 'Call it' }).click();
    await page.getByRole('alert').getByText('“no header” is no header').waitFor();
    await page.getByLabel('Headers, one on each line').fill('host: elsewhere');
    await page.getByRole('button', { name: 'Call it' }).click();
    await page.getByRole('alert').getByText('The platform sets this header by itself').waitFor();
  });

  it('tells whoever may not call a Function who may', async () => {
    const page = await running.fresh();
    await page.goto(`${running.platform.addresses.admin}/console/resources/Function/default/desk`);
    await page.getByLabel('Token').fill(VIEWER);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Call it' }).press('Enter');
    await page.getByRole('alert').getByText('This needs the role operator in default').waitFor();
  });
}

describeConsole(
  'the Console, at what is kept and what runs',
  running => {
    const view = () => running.admin<ViewReport>('/api/views/default/readers');
    const click = (user: string, more = {}) => running.send('POST', '/clicks', { user, page: '/home', ...more });

    before(async () => {
      for (let user = 0; user < CLICKS; user++) await click(`u${user}`, user % 4 === 0 ? { bot: true } : {});
      await eventually(async () => (await view()).folded === CLICKS, 'the view has all clicks');
      const counted = async () => {
        const { items } = await running.admin<{ items: PipelineReport[] }>('/api/pipelines?name=pages');
        return items[0]?.handled === CLICKS && items[0].emitted > 0;
      };
      await eventually(counted, 'the pipeline has counted all clicks');
    });

    for (const look of LOOKS)
      it(`shows how fresh a View is, ${look}`, async () => {
        const page = await running.open('resources/View/default/readers', look);
        const figure = (title: string) => page.getByText(title, { exact: true }).locator('..');
        await figure('Folded')
          .getByText(new RegExp(`^${CLICKS}`))
          .waitFor();
        await figure('Behind').getByText('0', { exact: true }).waitFor();
        await figure('Has all events up to').getByText('now').waitFor();
        await assertAccessible(page);
        await page.getByRole('img', { name: /^Each second: .*folded: newest .*refused: newest 0\/s/ }).waitFor();
        await page.getByRole('img', { name: /^Behind: .*to be folded: newest 0, between/ }).waitFor();
        await picture(page, `view-${look}`);
      });

    questionsToViews(running);

    it('counts what a View folds while somebody looks', async () => {
      const page = await running.open('resources/View/default/counted');
      const folded = page.getByText('Folded', { exact: true }).locator('..').locator('dd');
      await folded.filter({ hasText: /^[1-9]/ }).waitFor();
      const before = Number.parseInt((await folded.textContent()) ?? '', 10);
      await click('late-reader', { page: '/away' });
      await eventually(async () => Number.parseInt((await folded.textContent()) ?? '', 10) > before, 'it counts on');
    });

    it('rebuilds a View once its plan was read, and shows the new generation serve', async () => {
      const before = (await view()).generation;
      const page = await running.open('resources/View/default/readers');
      await page.getByRole('button', { name: 'Rebuild…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('goes on answering until the new one has caught up').waitFor();
      await assertAccessible(page);
      await picture(page, 'view-rebuild');
      assert.equal((await view()).generation, before);
      await dialog.getByRole('button', { name: 'Rebuild', exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
      await eventually(async () => (await view()).generation !== before, 'another generation serves');
    });

    it('tells whoever may not rebuild a View who may', async () => {
      const page = await running.fresh();
      await page.goto(`${running.platform.addresses.admin}/console/resources/View/default/readers`);
      await page.getByLabel('Token').fill(VIEWER);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Rebuild…' }).press('Enter');
      await page.getByRole('alert').getByText('This needs the role operator in default').waitFor();
      assert.equal(await page.getByRole('dialog').count(), 0);
    });

    for (const look of LOOKS)
      it(`shows the events through a Pipeline, and those that it left out, ${look}`, async () => {
        const page = await running.open('resources/Pipeline/default/pages', look);
        const figure = (title: string) => page.getByText(title, { exact: true }).locator('..');
        await figure('By a filter').getByText('3', { exact: true }).waitFor();
        await figure('Event time has come to')
          .getByText(/ago|just now/)
          .waitFor();
        await figure('Came late').getByText('0', { exact: true }).waitFor();
        const windows = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Open windows' }) });
        // The windows are long, so that none ends while the tests run.
        await windows
          .locator('td.number')
          .filter({ hasText: /^[1-9]/ })
          .first()
          .waitFor();
        await windows.getByRole('link', { name: 'Ask what they have counted' }).waitFor();
        await page.getByRole('img', { name: /^Each second: .*read: newest .*came late: newest 0\/s/ }).waitFor();
        await page.getByRole('img', { name: /^Waiting: .*to be read: newest 0, between/ }).waitFor();
        await assertAccessible(page);
        await picture(page, `pipeline-${look}`);
      });

    for (const look of LOOKS)
      it(`explains which route of an Api takes a request, and why none before it, ${look}`, async () => {
        const page = await running.open('resources/Api/default/magazine', look);
        await page.getByLabel('Path, with its query').fill('/articles/7?full');
        await page.getByRole('button', { name: 'Explain' }).click();
        await page.waitForURL(url => url.searchParams.get('path') === '/articles/7?full');
        const verdict = page.getByRole('status').filter({ hasText: 'takes it' });
        await verdict.getByText('/articles/:id').waitFor();
        assert.match((await verdict.textContent()) ?? '', /to function articles/);
        const passed = page.getByRole('row').filter({ hasText: 'passed over' }).filter({ hasText: 'x-edition' });
        await passed.first().waitFor();
        await assertAccessible(page);
        await picture(page, `api-${look}`);
      });

    for (const look of ['light', 'phone'] as const)
      it(`lists the newest events of a Topic that match, and leads to the story of one, ${look}`, async () => {
        const page = await running.open('resources/Topic/default/clicks', look);
        await page.getByRole('row').filter({ hasText: '"user":"u11"' }).waitFor();
        await assertAccessible(page);
        await picture(page, `topic-${look}`);
        await page.getByLabel('Where this holds').fill('has(event.data.bot)');
        await page.getByRole('button', { name: 'Look' }).click();
        await page.waitForURL(url => url.searchParams.get('filter') === 'has(event.data.bot)');
        await page.getByRole('row').filter({ hasText: '"user":"u11"' }).waitFor({ state: 'detached' });
        const bots = page.getByRole('row').filter({ hasText: '"bot":true' });
        await bots.first().waitFor();
        assert.equal(await bots.count(), 3);
        await bots.filter({ hasText: '"user":"u8"' }).getByRole('link').click();
        await page.getByRole('link', { name: 'View readers' }).waitFor();
        await page.getByText('"u8"').first().waitFor();
      });

    it('says what is wrong with a filter of events', async () => {
      const page = await running.open('resources/Topic/default/clicks?filter=event.data.');
      await page.getByRole('alert').getByText('This could not be read').waitFor();
    });

    it('says what a client gets where no route takes a request, from the address alone', async () => {
      const page = await running.open('resources/Api/default/magazine?method=DELETE&path=/readers');
      const verdict = page.getByRole('status').filter({ hasText: 'no route' });
      await verdict.getByText(/The client gets 405/).waitFor();
      assert.match((await verdict.textContent()) ?? '', /Methods that find a route: .*GET/);
    });

    waterfalls(running);
    requestsToApis(running);
    callsOfFunctions(running);

    it('shows whether a Function runs, and leads to the Api whose routes lead to it', async () => {
      const page = await running.open('resources/Function/default/articles');
      await page.getByRole('heading', { name: 'Instances' }).waitFor();
      await page.getByText('Restarts').locator('..').getByText('0', { exact: true }).waitFor();
      await assertAccessible(page);
      await picture(page, 'function');
      await page.getByRole('row').filter({ hasText: '/articles/:id' }).getByRole('link').click();
      await page.getByRole('heading', { level: 1, name: 'magazine' }).waitFor();
      const edition = page.getByRole('row').filter({ hasText: '/articles/:id' }).filter({ hasText: 'x-edition' });
      await edition.getByText('url 127.0.0.1:9').waitFor();
    });
  },
  { files: magazineFiles },
);
