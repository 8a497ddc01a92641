// The failures of a night, in a real browser against a platform where they happened: found by their
// cause, planned, redriven, and found again as an operation.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { eventually } from '../eventually.ts';
import { assertAccessible } from './accessible.ts';
import { describeConsole, LOOKS, picture, type RunningConsole, VIEWER } from './running-console.ts';

const RECEIPTS = 'failures/letters?kind=Subscription&namespace=default&name=receipts';
const WALL = 'failures/parked?kind=Subscription&namespace=default&name=wall';

function listOfResources(running: RunningConsole): void {
  for (const look of LOOKS)
    it(`leads from the list of resources, the worst first, with their health and age, ${look}`, async () => {
      const page = await running.open('resources', look);
      const [worst, good] = ['wall', 'points'].map(name =>
        page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) }),
      );
      await worst?.getByText('Degraded').waitFor();
      assert.match((await worst?.textContent()) ?? '', /KeysParked.*(s|min)/);
      assert.match((await good?.textContent()) ?? '', /Healthy.*InForce/);
      assert.match((await page.getByRole('row').nth(1).textContent()) ?? '', /Degraded/);
      await assertAccessible(page);
      await picture(page, `resources-${look}`);
      if (look === 'phone') return;
      await page.getByRole('link', { name: 'Reason' }).click();
      await page.waitForURL(url => url.searchParams.get('sort') === 'reason');
      await page.getByRole('link', { name: 'Age', exact: true }).click();
      await page.getByRole('columnheader', { name: 'Age ↑' }).waitFor();
    });
}

describeConsole('the Console, at the failures of a night', running => {
  before(async () => {
    for (const order of ['17', '18', '19']) await running.order(order, 'coffee');
    await running.order('20', 'cocoa');
    await eventually(() => running.has('receipts', 'DeadLetters'), 'receipts are given up');
    await eventually(() => running.has('wall', 'KeysParked'), 'the wall waits');
    await eventually(async () => (await letters()) === 4, 'all four are given up');
  });
  const letters = async () =>
    (await running.admin<{ items: unknown[] }>('/api/dead-letters?kind=Subscription&name=receipts')).items.length;

  for (const look of LOOKS)
    it(`shows them by cause, ${look}`, async () => {
      const page = await running.open('failures', look);
      await page.getByRole('heading', { name: 'Given up' }).waitFor();
      const paper = page.getByRole('row').filter({ hasText: 'has no paper for order' });
      assert.match((await paper.textContent()) ?? '', /Subscription receipts3/);
      await page.getByRole('row').filter({ hasText: 'the screen of table 7 does not answer' }).waitFor();
      await assertAccessible(page);
      await picture(page, `failures-${look}`);
      await paper.getByRole('link').click();
      await page.getByRole('heading', { level: 1, name: 'Dead letters of Subscription receipts' }).waitFor();
      await page.getByRole('checkbox').nth(2).waitFor();
      assert.equal(await page.getByRole('checkbox').count(), 3);
      await assertAccessible(page);
      await picture(page, `letters-${look}`);
    });

  listOfResources(running);

  it('keeps its filters in the address', async () => {
    const page = await running.open('failures');
    await page.getByLabel('Cause mentions').fill('cocoa');
    await page.keyboard.press('Tab');
    await page.waitForURL(/text=cocoa/);
    await page.getByRole('row').filter({ hasText: 'no paper' }).waitFor({ state: 'detached' });
    await page.getByRole('row').filter({ hasText: 'no price for cocoa' }).waitFor();
    await page.getByLabel('Cause mentions').fill('tea');
    await page.keyboard.press('Tab');
    await page.getByText('Nothing that failed matches').waitFor();
    await page.getByRole('link', { name: 'Show all failures' }).click();
    await page.getByRole('row').filter({ hasText: 'no paper' }).waitFor();
  });

  it('shows an event with its data, and leaves it by Esc', async () => {
    const page = await running.open(RECEIPTS);
    await page.getByRole('row').filter({ hasText: 'cocoa' }).getByRole('link').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('"cocoa"').waitFor();
    await assertAccessible(page);
    await picture(page, 'letter');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.waitForURL(url => !url.searchParams.has('letter'));
  });

  it('deletes nothing before its plan is read and its name is typed', async () => {
    const [page, other] = await Promise.all([running.open(RECEIPTS), running.open(RECEIPTS)]);
    const cocoaIn = (shown: Page) => shown.getByRole('row').filter({ hasText: 'cocoa' });
    await cocoaIn(page).getByRole('checkbox').check();
    await cocoaIn(other).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Purge…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 event of Subscription receipts').waitFor();
    const purge = dialog.getByRole('button', { name: 'Purge 1' });
    assert.equal(await purge.isDisabled(), true);
    await assertAccessible(page);
    await picture(page, 'plan-purge');
    await dialog.getByLabel('Type receipts').fill('receipt');
    assert.equal(await purge.isDisabled(), true);
    assert.equal(await letters(), 4);
    await dialog.getByLabel('Type receipts').fill('receipts');
    await purge.click();
    await page.getByRole('heading', { level: 1, name: 'Purge 1 event of Subscription receipts' }).waitFor();
    await eventually(async () => (await letters()) === 3, 'one is purged');
    // Whoever has chosen it means it still, and none of the others.
    await cocoaIn(other).waitFor({ state: 'detached' });
    await other.getByText('1 event chosen, 1 of them no longer in this list').waitFor();
    await other.getByRole('button', { name: 'Redrive…' }).click();
    await other.getByRole('dialog').getByText('One of those that were named is no dead letter any more').waitFor();
    await other.getByRole('button', { name: 'Leave it' }).click();
    await other.getByText('All that match: 3 events').waitFor();
  });

  it('says what a list lacks where nothing else is in it, and that a filter found nothing', async () => {
    const page = await running.open();
    await page.route('**/api/dead-letters?*', route => route.fulfill({ json: { items: [], later: 2, omitted: 3 } }));
    await page.goto(`${running.platform.addresses.admin}/console/${RECEIPTS}`);
    await page.getByText('A later release has written 2 more').waitFor();
    await page.getByText('3 older ones are beyond').waitFor();
    await page.goto(`${running.platform.addresses.admin}/console/${WALL}&text=tea`);
    await page.getByRole('heading', { name: 'No parked event matches' }).waitFor();
    assert.equal(await page.getByText('Nothing waits').count(), 0);
  });

  it('finds nothing, in place of a fault, of a Pipeline whose parts alone may park', async () => {
    const page = await running.open('failures?kind=Pipeline&namespace=default&name=totals');
    await page.getByText('Nothing that failed matches').waitFor();
  });

  it('acts on chosen keys alone where no filter names what is meant', async () => {
    const page = await running.open(`${WALL}&choose=rows`);
    const retry = page.getByRole('button', { name: 'Retry now…' });
    await page.getByText('Choose the rows that are meant').waitFor();
    assert.equal(await retry.isDisabled(), true);
    await page.getByRole('checkbox').first().check();
    await retry.click();
    await page.getByRole('dialog').getByText('1 event of Subscription wall').waitFor();
  });

  it('redrives a group, shows each result, and finds the operation again', async () => {
    await running.mend();
    const page = await running.open('failures');
    await page.getByRole('link', { name: 'has no paper for order' }).click();
    await page.getByRole('button', { name: 'Redrive…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('3 events of Subscription receipts').waitFor();
    await picture(page, 'plan-redrive');
    await dialog.getByRole('button', { name: 'Redrive 3' }).click();
    await page.getByRole('heading', { level: 1, name: 'Redrive 3 events of Subscription receipts' }).waitFor();
    await page.getByText('3 done, 0 refused, 0 in doubt, 0 left').waitFor();
    assert.equal(await page.getByRole('row').filter({ hasText: 'done' }).count(), 3);
    await assertAccessible(page);
    await picture(page, 'operation');
    await eventually(async () => (await letters()) === 0, 'none are left');
    const other = await running.open('operations');
    await other.getByRole('link', { name: 'Redrive 3' }).waitFor();
    await assertAccessible(other);
    await picture(other, 'operations');
  });

  it('says to somebody who may not do a thing who may', async () => {
    const page = await running.fresh();
    await page.goto(`${running.platform.addresses.admin}/console/failures/parked?kind=Subscription&name=wall`);
    await page.getByLabel('Token').fill(VIEWER);
    await page.keyboard.press('Enter');
    const retry = page.getByRole('button', { name: 'Retry now…' });
    await retry.waitFor();
    assert.equal(await retry.getAttribute('aria-disabled'), 'true');
    await retry.press('Enter');
    await page.getByRole('alert').getByText('This needs the role operator in default. You are token ada').waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    await assertAccessible(page);
    await picture(page, 'viewer');
  });

  it('retries now what waits', async () => {
    const page = await running.open(WALL);
    await page.getByRole('checkbox').first().waitFor();
    await page.getByRole('button', { name: 'Retry now…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retry now 3' }).click();
    await page.getByText('3 done').waitFor();
    await page.getByRole('link', { name: 'See what has failed in wall' }).click();
    await page.getByText('Nothing that failed matches').waitFor();
  });
});
