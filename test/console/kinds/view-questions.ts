// Questions to Views at their pages: rows, members of them, numbers of them, and counts of values.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import { assertAccessible } from '../accessible.ts';
import { LOOKS, picture, type RunningConsole } from '../running-console.ts';

/** Clicks of as many readers at `/home`. */
export const CLICKS = 12;

export function questionsToViews(running: RunningConsole): void {
  for (const look of LOOKS)
    it(`shows the rows of a View that the address asks for, ${look}`, async () => {
      const asked = 'by=index:page,user&value1=/home&limit=10';
      const page = await running.open(`resources/View/default/readers?${asked}`, look);
      await page.getByRole('button', { name: 'Next page' }).waitFor();
      await assertAccessible(page);
      await picture(page, `view-rows-${look}`);
    });

  it('asks a View for one row and for pages of rows', async () => {
    const page = await running.open('resources/View/default/readers');
    await page.getByLabel('Key', { exact: true }).fill('u4');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.waitForURL(url => url.searchParams.get('key') === 'u4');
    const rows = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Rows' }) });
    await rows.getByText('"u4"').waitFor();
    await rows.getByText('It has all events up to').waitFor();
    await page.getByLabel('Key', { exact: true }).fill('nobody');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await rows.getByText('There is no such row').waitFor();
    await page.getByLabel('Ask for').selectOption('Rows by page, user');
    await page.getByLabel('page', { exact: true }).fill('/home');
    await page.getByLabel('Rows of a page').fill('10');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    const names = rows.locator('tbody tr');
    await rows.getByRole('button', { name: 'Next page' }).waitFor();
    assert.equal(await names.count(), 10);
    await assertAccessible(page);
    await picture(page, 'view-rows-light');
    await rows.getByRole('button', { name: 'Next page' }).click();
    await rows.getByRole('button', { name: 'Page before' }).waitFor();
    await eventually(async () => (await names.count()) === CLICKS - 10, 'the last page has the rest');
    assert.equal(await rows.getByRole('button', { name: 'Next page' }).count(), 0);
  });

  it('asks a View for several rows, for members of them, and how many there are', async () => {
    const page = await running.open('resources/View/default/readers');
    await page.getByLabel('Ask for').selectOption('Several rows, by their keys');
    await page.getByLabel('Keys, one on each line').fill('u4\nu5');
    await page.getByLabel('Members of the values').fill('page');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    const rows = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Rows' }) });
    await eventually(async () => (await rows.locator('tbody tr').count()) === 2, 'both rows are there');
    assert.equal(await rows.getByText('"u4"').count(), 0, 'only the page was asked for');
    await assertAccessible(page);
    await picture(page, 'view-keys-light');
    await page.getByLabel('Ask for').selectOption('How many rows by page, user');
    await page.getByLabel('page', { exact: true }).fill('/home');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await rows.locator('dd').getByText(String(CLICKS), { exact: true }).waitFor();
    await picture(page, 'view-count-light');
  });

  for (const look of LOOKS)
    it(`counts the values of what a search finds, and each count leads to its documents, ${look}`, async () => {
      const page = await running.open('resources/View/default/found?by=search&facets=page,user', look);
      const values = page.getByRole('region', { name: 'Values of page' });
      await values.getByText('/home').waitFor();
      await page.getByText('4 more values').click();
      await assertAccessible(page);
      await picture(page, `view-facets-${look}`);
      await values.getByRole('link', { name: String(CLICKS), exact: true }).click();
      await page.waitForURL(url => url.searchParams.get('filter') === 'page:"/home"');
      await page.getByText(`${CLICKS} documents match.`).waitFor();
    });

  it('says what is wrong with a question to a View, from the address alone', async () => {
    const page = await running.open('resources/View/default/readers?by=index:page,user&value2=u1');
    await page.getByRole('alert').getByText('Fill in "page" first').waitFor();
    await page.getByLabel('Rows of a page').fill('many');
    await page.getByLabel('user', { exact: true }).fill('');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByRole('alert').getByText('"limit" is a whole number').waitFor();
  });
}
