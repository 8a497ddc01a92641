// The page of a Strangler stands in a real browser, against a platform that compares a real legacy
// system with its successor and moves a feature.
import assert from 'node:assert/strict';
import type { StranglerReport } from '../../../gateway/strangler/report.ts';
import { eventually } from '../../eventually.ts';
import { assertAccessible } from '../accessible.ts';
import { describeConsole, LOOKS, picture, VIEWER } from '../running-console.ts';
import { createLegacyShop, movingFiles } from './moving-shop.ts';

const REQUESTS = 30;
const SHOP = 'resources/Strangler/default/shop';
const legacy = createLegacyShop();

describeConsole(
  'the Console, at a feature that leaves legacy',
  running => {
    const orders = async () => {
      const { features } = await running.admin<StranglerReport>('/api/stranglers/default/shop');
      return features[0] ?? assert.fail('The shop has a feature.');
    };

    before(async () => {
      for (let id = 0; id < REQUESTS; id++) await running.send('GET', `/orders/a${id}`, undefined);
      await eventually(async () => (await orders()).shadow.measured === REQUESTS, 'all are compared');
    });
    after(() => void legacy.close());

    for (const look of LOOKS)
      it(`shows the split, mismatches side by side, noise, and the evidence, ${look}`, async () => {
        const page = await running.open(SHOP, look);
        const feature = page.getByRole('region', { name: 'orders shadow' });
        const line = feature.getByRole('row').filter({ hasText: '00.0' }).first();
        await line.getByText('100 times as large').waitFor();
        assert.match((await line.textContent()) ?? '', /total.*00\.0.*0000/);
        await feature.getByRole('row').filter({ hasText: '"Aaaaa"' }).getByText('other case only').waitFor();
        const place = (name: string) => feature.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
        await place('/stamp').getByText('noise').waitFor();
        await place('/total').getByText('mismatch').waitFor();
        await feature.getByText(`${REQUESTS} of ${REQUESTS} (100%)`).first().waitFor();
        await feature.getByText('Too many differences').waitFor();
        await page.getByRole('region', { name: 'carts legacy' }).getByText('leaves promotion to people').waitFor();
        assert.doesNotMatch((await page.locator('body').textContent()) ?? '', /Latte|12\.5|1250/);
        await assertAccessible(page);
        await picture(page, `strangler-${look}`);
      });

    it('shows the plan of a step before it, with the evidence against it, and asks for the name', async () => {
      const page = await running.open(`${SHOP}?move=promote&feature=orders`);
      const dialog = page.getByRole('dialog');
      await dialog.getByText('From shadow to canary 5%').waitFor();
      await dialog.getByText('function orders answers 5% of the clients, and legacy the others.').waitFor();
      await dialog.getByText('Too many differences').waitFor();
      const go = dialog.getByRole('button', { name: 'Move on to canary 5%' });
      assert.equal(await go.isDisabled(), true);
      await assertAccessible(page);
      await picture(page, 'strangler-plan');
      await dialog.getByLabel('Type orders').fill('order');
      assert.equal(await go.isDisabled(), true);
      await page.keyboard.press('Escape');
      await page.waitForURL(url => !url.searchParams.has('move'));
      assert.equal((await orders()).phase, 'shadow');
    });

    it('tells whoever may not move it who may', async () => {
      const page = await running.fresh();
      await page.goto(`${running.platform.addresses.admin}/console/${SHOP}`);
      await page.getByLabel('Token').fill(VIEWER);
      await page.keyboard.press('Enter');
      const on = page.getByRole('button', { name: 'Move on to canary 5%…' });
      await on.waitFor();
      assert.equal(await on.getAttribute('aria-disabled'), 'true');
      await on.press('Enter');
      await page.getByRole('alert').getByText('This needs the role operator in default').waitFor();
      assert.equal(await page.getByRole('dialog').count(), 0);
    });

    it('takes one step on, with the reason that was given, and refuses the same plan to another person', async () => {
      const [page, other] = await Promise.all([running.open(SHOP), running.open(SHOP)]);
      for (const each of [page, other]) {
        await each.getByRole('button', { name: 'Move on to canary 5%…' }).click();
        await each.getByRole('dialog').getByLabel('Type orders').fill('orders');
      }
      await page.getByLabel('Why, for the others').fill('the totals are mended');
      await page.getByRole('button', { name: 'Move on to canary 5%', exact: true }).click();
      const feature = page.getByRole('region', { name: 'orders canary 5%' });
      await feature.getByRole('row').filter({ hasText: 'the totals are mended' }).first().waitFor();
      await other.getByRole('button', { name: 'Move on to canary 5%', exact: true }).click();
      await other.getByRole('alert').getByText('has moved meanwhile, to canary 5%').waitFor();
      assert.partialDeepStrictEqual(await orders(), { phase: 'canary', percent: 5 });
      await picture(page, 'strangler-canary');
    });

    it('backs out', async () => {
      const page = await running.open(SHOP);
      await page.getByRole('button', { name: 'Back out…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('From canary 5% to legacy').waitFor();
      await dialog.getByLabel('Type orders').fill('orders');
      await dialog.getByRole('button', { name: 'Back out', exact: true }).click();
      await page.getByRole('region', { name: 'orders legacy' }).waitFor();
      assert.equal((await orders()).phase, 'legacy');
    });
  },
  { files: () => movingFiles(legacy) },
);
