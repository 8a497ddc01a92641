// "Who did that?" in a real browser: the audit log with its filters, one entry, and who may see it.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEntry } from '../../admin/audit-view.ts';
import type { Page } from '../../admin/page.ts';
import { eventually } from '../eventually.ts';
import { assertAccessible } from './accessible.ts';
import { describeConsole, LOOKS, picture, VIEWER } from './running-console.ts';

describeConsole('the Console, at who did what', running => {
  const entries = async (query: string) => (await running.admin<Page<AuditEntry>>(`/api/audit?${query}`)).items;
  const signIn = (token: string) =>
    fetch(`${running.platform.addresses.admin}/console/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
  before(async () => {
    await running.admin('/api/consumers/Subscription/default/points/pause', { method: 'POST' });
    await running.admin('/api/consumers/Subscription/default/points/resume', { method: 'POST' });
    await running.admin('/api/consumers/Subscription/default/nobody/pause', { method: 'POST' });
    const body = JSON.stringify({
      action: 'redrive',
      kind: 'Subscription',
      namespace: 'default',
      name: 'wall',
      query: {},
    });
    await running.admin('/api/operations', { method: 'POST', body });
    assert.equal((await signIn('a-token-of-nobody')).status, 401);
    assert.equal((await signIn(VIEWER)).status, 201);
    await eventually(async () => (await entries('outcome=refused')).length >= 2, 'what was refused is told');
  });

  for (const look of LOOKS)
    it(`lists changes and sign-ins, the newest first, ${look}`, async () => {
      const page = await running.open('audit', look);
      const row = (text: string) => page.getByRole('row').filter({ hasText: text });
      await row('Pause Subscription points').getByText('admin token').waitFor();
      await row('Pause Subscription nobody').getByText('status 404').waitFor();
      await row('Plan: redrive events of Subscription wall').first().waitFor();
      await row('token ada').filter({ hasText: 'Sign in to the Console' }).getByText('done').waitFor();
      await row('nobody').filter({ hasText: 'Sign in to the Console' }).getByText('refused').waitFor();
      await assertAccessible(page);
      await picture(page, `audit-${look}`);
      await row('Plan: redrive').first().getByRole('link', { name: 'Plan: redrive' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('POST /api/operations').waitFor();
      await dialog.getByText('"wall"').waitFor();
      await assertAccessible(page);
      await picture(page, `audit-entry-${look}`);
    });

  it('keeps its filters in the address, and says so when nothing matches', async () => {
    const page = await running.open('audit?outcome=refused');
    const rows = page.getByRole('rowgroup').nth(1).getByRole('row');
    await rows.filter({ hasText: 'Pause Subscription nobody' }).waitFor();
    assert.equal(await rows.filter({ hasText: 'done' }).count(), 0);
    await page.getByLabel('Person').fill('Admin');
    await page.getByLabel('Person').press('Enter');
    await page.waitForURL(/by=Admin/);
    await rows.filter({ hasText: 'Sign in' }).waitFor({ state: 'detached' });
    await rows.filter({ hasText: 'Pause Subscription nobody' }).waitFor();
    await page.getByLabel('To').fill('2001-01-01T00:00');
    await page.getByText('No entry matches').waitFor();
    assert.match(page.url(), /until=200[01]-/);
    await assertAccessible(page);
    await page.getByRole('link', { name: 'Show all entries' }).click();
    await rows.filter({ hasText: 'Resume Subscription points' }).waitFor();
  });

  /** More than a page of them, also of changes that come meanwhile. */
  const fillPage = async () => {
    const before = (await entries('action=wall/resume&limit=200')).length;
    for (let more = 0; more < 120; more++)
      await running.admin('/api/consumers/Subscription/default/wall/resume', { method: 'POST' });
    const most = Math.min(before + 120, 200);
    await eventually(async () => (await entries('action=wall/resume&limit=200')).length === most, 'all are told');
  };

  it('goes on to older entries, and back', async () => {
    await fillPage();
    const older = (await entries('by=admin&limit=200'))[115];
    assert.ok(older);
    const page = await running.open('audit?by=admin');
    const entry = page.locator(`a[href*="entry=${older.id}"]`);
    await page.getByRole('link', { name: 'Show older ones' }).click();
    await entry.waitFor();
    await page.getByRole('link', { name: 'Show the newest' }).click();
    await entry.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Resume Subscription wall' }).first().waitFor();
  });

  it('loses no click when an entry comes between the press and its end', async () => {
    await fillPage();
    const page = await running.open('audit?by=admin');
    const link = page.getByRole('link', { name: 'Show older ones' });
    await link.waitFor();
    await page.keyboard.press('End');
    // Further rows are drawn once the end of the first ones is seen.
    await page.locator('tbody tr').nth(99).waitFor();
    await link.scrollIntoViewIfNeeded();
    // Its first answer is of a while ago then: news are a question at once.
    await sleep(2_500);
    const { x, y, width, height } = (await link.boundingBox()) ?? assert.fail('the link has a place');
    await page.mouse.move(x + width / 2, y + height / 2);
    const answered = page.waitForResponse(/api\/audit/);
    await page.mouse.down();
    await running.admin('/api/consumers/Subscription/default/points/pause', { method: 'POST' });
    await answered;
    await sleep(100);
    await page.mouse.up();
    await page.getByText('These are older entries.').waitFor();
    await running.admin('/api/consumers/Subscription/default/points/resume', { method: 'POST' });
  });

  it('keeps what is typed into a filter, and the entry that is open, while newer ones come', async () => {
    const page = await running.open('audit?action=wall');
    const rows = page.locator('tbody tr');
    await rows.filter({ hasText: 'wall' }).first().waitFor();
    await page.getByLabel('Person').pressSequentially('adm');
    const pause = () => running.admin('/api/consumers/Subscription/default/wall/pause', { method: 'POST' });
    await pause();
    await rows.first().filter({ hasText: 'Pause Subscription wall' }).waitFor();
    assert.equal(await page.getByLabel('Person').inputValue(), 'adm');
    await page.getByLabel('Person').fill('');
    const first = page.getByRole('link', { name: 'Pause Subscription wall' }).first();
    await first.click();
    await page.getByRole('dialog').waitFor();
    for (let more = 0; more < 101; more++)
      await running.admin('/api/consumers/Subscription/default/wall/resume', { method: 'POST' });
    await rows.filter({ hasText: 'Pause Subscription wall' }).first().waitFor({ state: 'detached' });
    await page.getByRole('dialog').getByText('wall/pause').waitFor();
  });

  it('says so when the entry of its address is not among those shown', async () => {
    const page = await running.open('audit?entry=of-another-time');
    await page.getByText('The entry of this address is not among those shown').waitFor();
    await assertAccessible(page);
    await page.getByRole('link', { name: 'Leave it' }).click();
    await page.getByText('The entry of this address').waitFor({ state: 'detached' });
  });

  it('says who may see it to those who may not', async () => {
    const page = await running.fresh();
    await page.goto(`${running.platform.addresses.admin}/console/audit`);
    await page.getByLabel('Token').fill(VIEWER);
    await page.keyboard.press('Enter');
    await page.getByText('You may not see this').waitFor();
    await page.getByText(/Ask an administrator for the role admin/).waitFor();
    await assertAccessible(page);
    await picture(page, 'audit-refused');
  });
});
