// "How is it set up?" in a real browser: services, versions and settings, and who may see which;
// and the catalogue of its Topics.
import assert from 'node:assert/strict';
import { loadConfig } from '../../server/config/load.ts';
import { settingReports } from '../../server/config/setting-reports.ts';
import { assertAccessible } from './accessible.ts';
import { describeConsole, LOOKS, picture, VIEWER } from './running-console.ts';
import { catalogueFiles, topicPages } from './topic-pages.ts';

const SECRET = 'a-secret-that-is-long-enough';
const loaded = loadConfig({
  role: 'serve',
  cwd: '/',
  env: { TENFOLD_DRAIN: '25s', TENFOLD_INTERNAL_SECRET: SECRET },
  options: [{ path: 'public.port', value: 8181, option: '--port' }],
});

describeConsole(
  'the Console, at how the platform is set up',
  running => {
    for (const look of LOOKS)
      it(`shows services, versions, and settings with what set them, ${look}`, async () => {
        const page = await running.open('settings', look);
        const row = (text: string) => page.getByRole('row').filter({ hasText: text });
        await page.getByText(process.versions.node, { exact: true }).waitFor();
        for (const part of ['Event log', 'Store', 'Search', 'Blobs']) await row(part).getByText('usable').waitFor();
        const settings = page.getByLabel('Configuration').getByRole('row');
        await settings.filter({ hasText: 'public.port' }).filter({ hasText: '--port' }).getByText('8181').waitFor();
        await settings.filter({ hasText: 'TENFOLD_DRAIN' }).getByText('25s').first().waitFor();
        await page.getByText('hidden: it is in the variable TENFOLD_INTERNAL_SECRET').waitFor();
        assert.ok(!(await page.content()).includes(SECRET));
        await assertAccessible(page);
        await picture(page, `settings-${look}`);
      });

    it('finds settings by name, by meaning and by what set them, as the address says', async () => {
      const page = await running.open('settings?from=variable');
      const count = page.getByLabel('Configuration').getByText(/^\d+ settings?$/);
      await count.filter({ hasText: /^2 settings$/ }).waitFor();
      await page.getByLabel('Name or meaning').fill('drain');
      await count.filter({ hasText: /^1 setting$/ }).waitFor();
      await page.waitForURL(/from=variable&q=drain$/);
      await page.getByLabel('Name or meaning').fill('nothing has this');
      await page.getByText('No setting matches').waitFor();
      await page.getByRole('link', { name: /^Show all \d{2,} settings$/ }).click();
      await count.filter({ hasText: /^\d{2,} settings$/ }).waitFor();
      await page.getByRole('row').filter({ hasText: 'admin.port' }).getByText('9090').waitFor();
    });

    it('is left by a link, and the way back leads to the name that was just typed', async () => {
      const page = await running.open('settings?from=variable');
      await page.getByLabel('Name or meaning').fill('drain');
      // Before the browser was told of it.
      await page
        .getByLabel('Configuration')
        .getByText(/^1 setting$/)
        .waitFor();
      await page.locator('nav.side').getByRole('link', { name: 'Resources' }).click();
      await page.waitForURL(/\/resources$/);
      await page.goBack();
      await page.waitForURL(/q=drain$/);
      assert.equal(await page.getByLabel('Name or meaning').inputValue(), 'drain');
    });

    it('shows services to a viewer, and says who may see the configuration', async () => {
      const page = await running.fresh();
      await page.goto(`${running.platform.addresses.admin}/console/settings`);
      await page.getByLabel('Token').fill(VIEWER);
      await page.keyboard.press('Enter');
      await page.getByRole('row').filter({ hasText: 'Event log' }).waitFor();
      await page.getByText('You may not see this').waitFor();
      await page.getByText(/Ask an administrator for the role admin/).waitFor();
      await assertAccessible(page);
      await picture(page, 'settings-viewer');
    });

    topicPages(running);
  },
  { settings: settingReports(loaded), files: catalogueFiles },
);
