// The documentation in a real browser: read at every width, in light and dark, searched by keys,
// and without scripts.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium as driver, type Page } from 'playwright-core';
import { createAdminServer } from '../../admin/admin-server.ts';
import { serveDocs } from '../../admin/docs/serve-docs.ts';
import { buildDocs } from '../../scripts/build-docs.ts';
import { root } from '../../scripts/bundle.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { fakeView } from '../fakes/platform-view.ts';
import { chromium } from '../services/chromium.ts';
import { findService } from '../services/service.ts';
import { assertAccessible } from './accessible.ts';
import { picture } from './running-console.ts';

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const service = findService(chromium);

if (service)
  describe('the documentation in a browser', () => {
    let server: Server;
    let browser: Browser;
    let docs: string;
    const complaints: string[] = [];

    before(async () => {
      const built = join(tempFolder(), 'docs');
      await buildDocs(built);
      server = createAdminServer(fakeView({}), {
        token: 'x',
        docs: serveDocs({ root, built, version: '1.2.3', allowedHosts: [] }),
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      docs = `http://127.0.0.1:${(server.address() as AddressInfo).port}/docs/`;
      browser = await driver.connect(service.url());
    });
    afterEach(async () => {
      for (const context of browser.contexts()) await context.close();
      assert.deepEqual(complaints.splice(0), []);
    });
    after(async () => {
      await browser.close();
      server.close();
      removeTempFolders();
    });

    async function open(path: string, options: BrowserContextOptions): Promise<Page> {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
      const page = await context.newPage();
      page.on('console', message => void (message.type() === 'error' && complaints.push(message.text())));
      page.on('pageerror', error => complaints.push(String(error.stack)));
      page.on('request', request => void (request.url().startsWith(docs) || complaints.push(request.url())));
      await page.goto(docs + path);
      return page;
    }

    it('can be read in light and dark, and on a phone, where its tables scroll by themselves', async () => {
      const looks = { light: ['light', WIDE], dark: ['dark', WIDE], phone: ['dark', PHONE] } as const;
      const few = [
        ['light', ''],
        ['dark', 'guides/cache'],
        ['phone', 'guides/air-gapped'],
      ] as const;
      const all = ['', 'security', 'tutorial', 'reference/kinds/topic'].flatMap(path =>
        (['light', 'dark', 'phone'] as const).map(look => [look, path] as const),
      );
      for (const [look, path] of process.env['TENFOLD_NIGHTLY'] ? all : few) {
        const [colorScheme, viewport] = looks[look];
        const page = await open(path, { colorScheme, viewport });
        await assertAccessible(page);
        await picture(page, `docs-${path.replaceAll('/', '-') || 'index'}-${look}`);
        await page.context().close();
      }
    });

    it('is searched by keys, in the browser alone', async () => {
      const page = await open('guides/cache', { viewport: WIDE });
      await page.keyboard.press('/');
      await page.keyboard.type('following a view');
      const first = page.locator('.found a').first();
      await first.getByText('Following a View').waitFor();
      await assertAccessible(page);
      await picture(page, 'docs-search');
      await page.keyboard.press('ArrowDown');
      assert.equal(await page.evaluate('document.activeElement.closest(".found") !== null'), true);
      await page.keyboard.press('Escape');
      await first.waitFor({ state: 'hidden' });
      await page.keyboard.press('ArrowRight');
      await page.keyboard.type(' zzzzzzzz');
      await page.getByText('Sections found').or(page.getByText('sections;')).waitFor();
      await page.locator('input').fill('following a view');
      await first.getByText('Following a View').waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(`${docs}guides/views#following-a-view`);
    });

    it('keeps the chosen theme from page to page', async () => {
      const page = await open('', { viewport: WIDE, colorScheme: 'light' });
      await page.getByRole('button', { name: 'System theme' }).click();
      await page.getByRole('button', { name: 'Light' }).click();
      await page.getByRole('link', { name: 'Promises', exact: true }).click();
      await page.getByRole('button', { name: 'Dark' }).waitFor();
      assert.equal(await page.evaluate('getComputedStyle(document.documentElement).colorScheme'), 'dark');
    });

    it('copies a block of code', async () => {
      const page = await open('tutorial', { viewport: WIDE, permissions: ['clipboard-read', 'clipboard-write'] });
      const block = page.locator('.code').first();
      await block.hover();
      await block.getByRole('button', { name: 'Copy' }).click();
      await block.getByText('Copied').waitFor();
      assert.match(String(await page.evaluate('navigator.clipboard.readText()')), /^npx tenfold init/);
    });

    it('has all pages and no dead button where scripts are off', async () => {
      const page = await open('cli', { viewport: PHONE, javaScriptEnabled: false });
      assert.equal(await page.getByRole('searchbox').count(), 0);
      await page.getByRole('button', { name: 'Pages' }).click();
      await page.getByRole('link', { name: 'Views', exact: true }).click();
      await page.waitForURL(`${docs}guides/views`);
      assert.equal(await page.getByRole('button').count(), 1);
    });
  });
