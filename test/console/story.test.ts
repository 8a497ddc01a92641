// "Find order 17, see why, redrive", by the keyboard alone, in a real browser; and what resources
// say.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { TopicEventPage } from '../../admin/topic-view.ts';
import { eventually } from '../eventually.ts';
import { assertAccessible } from './accessible.ts';
import { findServices } from './over-services.ts';
import { describeConsole, LOOKS, picture, type RunningConsole, VIEWER } from './running-console.ts';

/** Presses the key until what has the focus says so: a person who looks does the same. */
async function pressUntil(page: Page, key: string, wanted: RegExp, most = 40): Promise<void> {
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press(key);
    const said = String(await page.evaluate('document.activeElement?.textContent'));
    if (wanted.test(said)) return;
  }
  assert.fail(`${most} times ${key} never led to ${wanted}`);
}

const over = findServices();
describeConsole('the Console, at the story of order 17', walk);
if (over) describeConsole('the Console, at the story of order 17, over services', walk, { over });

function walk(running: RunningConsole): void {
  before(async () => {
    for (const order of ['16', '17', '18']) await running.order(order, order === '17' ? 'coffee' : 'tea');
    await eventually(() => running.has('receipts', 'DeadLetters'), 'the receipt is given up');
    await eventually(() => running.has('wall', 'KeysParked'), 'the wall waits');
  });

  for (const look of LOOKS)
    it(`tells what became of it at each consumer, ${look}`, async () => {
      const page = await running.open('find?q=17', look);
      const story = page.getByLabel('What happened');
      await story.getByText('the printer of counter 2 has no paper for order 17').waitFor();
      await story.getByText('the screen of table 7 does not answer').first().waitFor();
      await page.waitForURL(/\/console\/story\/default\/orders\/0-1$/);
      await page.getByLabel('The event').getByText('"coffee"').waitFor();
      await story.getByRole('listitem').filter({ hasText: 'Subscription points' }).getByText('done').waitFor();
      await assertAccessible(page);
      await picture(page, `story-${look}`);
    });

  for (const look of LOOKS)
    it(`sends it again with other data, once its plan was read, ${look}`, async () => {
      const page = await running.open('story/default/orders/0-0', look);
      await page.getByRole('button', { name: 'Send again…' }).click();
      const dialog = page.getByRole('dialog');
      const data = dialog.getByLabel('Data, as JSON');
      await data.waitFor();
      assert.match(await data.inputValue(), /"drink": "tea"/);
      await dialog.getByLabel('To').selectOption('View sold alone');
      await assertAccessible(page);
      await picture(page, `resend-${look}`);
      await dialog.getByRole('button', { name: 'Show the plan' }).click();
      await dialog.getByText('It goes to this consumer alone: 3 others').waitFor();
      await picture(page, `resend-alone-${look}`);
      await dialog.getByRole('button', { name: 'Back to the data' }).click();
      await dialog.getByLabel('To').selectOption('Every consumer of the Topic');
      await data.fill('{"order": "16", "drink": ');
      await dialog.getByRole('button', { name: 'Show the plan' }).click();
      await dialog.getByRole('alert').getByText('JSON').waitFor();
      await data.fill('{"order": "16", "drink": "water"}');
      const last = async () => (await running.admin<TopicEventPage>('/api/topics/default/orders/events')).items.at(-1);
      const before = await last();
      await dialog.getByRole('button', { name: 'Show the plan' }).click();
      await dialog.getByText('1 new event').waitFor();
      for (const name of ['Subscription receipts', 'Subscription wall', 'Subscription points', 'View sold'])
        await dialog.getByText(name, { exact: true }).waitFor();
      await assertAccessible(page);
      await picture(page, `resend-plan-${look}`);
      assert.deepEqual(await last(), before);
      if (look !== 'light') return;
      await dialog.getByRole('button', { name: 'Send it' }).click();
      await page.waitForURL(url => !url.pathname.endsWith('/0-0'));
      const repeats = page.getByRole('listitem').filter({ hasText: 'Sent again by a person' });
      await repeats.getByText('Topic orders, at 0-0').waitFor();
      await page.getByLabel('The event').getByText('"water"').waitFor();
      assert.equal(Number((await last())?.offset), Number(before?.offset) + 1);
      await assertAccessible(page);
      await picture(page, 'resent');
      await repeats.getByRole('link').click();
      await page.getByLabel('The event').getByText('"tea"').waitFor();
    });

  it('tells whoever may not send it again who may', async () => {
    const page = await running.fresh();
    await page.goto(`${running.platform.addresses.admin}/console/story/default/orders/0-0`);
    await page.getByLabel('Token').fill(VIEWER);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Send again…' }).press('Enter');
    await page.getByRole('alert').getByText('This needs the role operator in default').waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
  });

  it('says so when nothing has the name', async () => {
    const page = await running.open('find?q=nothing-has-this');
    await page.getByText('No event has that name').waitFor();
    await assertAccessible(page);
  });

  it('is walked by the keyboard alone: find order 17, see why, redrive', async () => {
    await running.mend();
    const page = await running.open();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('17');
    await page.keyboard.press('Enter');
    await page.getByLabel('What happened').getByText('has no paper for order 17').waitFor();
    await page.keyboard.press('Escape');
    await pressUntil(page, 'Tab', /^Redrive…$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('1 event of Subscription receipts').waitFor();
    await pressUntil(page, 'Tab', /^Redrive 1$/);
    await page.keyboard.press('Enter');
    await page.getByText('1 done, 0 refused').waitFor();
    await eventually(async () => !(await running.has('receipts', 'DeadLetters')), 'nothing is given up any more');
  });

  it('lists keys, goes to pages and moves through rows by them', async () => {
    const page = await running.open();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Go to resources').waitFor();
    await picture(page, 'keys');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.getByRole('heading', { level: 1, name: 'Resources' }).waitFor();
    await page.getByRole('row').nth(3).waitFor();
    for (const key of ['j', 'j', 'k', 'j']) await page.keyboard.press(key);
    const second = await page.getByRole('row').nth(2).getByRole('link').textContent();
    assert.equal(await page.evaluate('document.activeElement.textContent'), second);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: String(second), exact: true }).waitFor();
  });

  it('lists resources, filtered and sorted by the address, and shows each', async () => {
    for (const look of LOOKS) {
      const page = await running.open('resources?kind=Subscription&sort=name', look);
      const names = page.getByRole('rowgroup').nth(1).getByRole('link');
      await names.first().waitFor();
      assert.deepEqual(await names.allTextContents(), ['points', 'receipts', 'wall']);
      await assertAccessible(page);
      await picture(page, `resources-${look}`);
      await page.getByRole('link', { name: 'wall' }).click();
      await page.getByRole('heading', { level: 2, name: 'Events, to function screen' }).waitFor();
      await assertAccessible(page);
      await picture(page, `resource-${look}`);
    }
  });

  it('pauses and resumes a consumer', async () => {
    const page = await running.open('resources/Subscription/default/points');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
  });
}
