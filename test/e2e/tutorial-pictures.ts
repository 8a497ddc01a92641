// The pictures of the tutorial: the Console at the moment of which its page speaks.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import type { FoundService } from '../services/service.ts';

/** What a picture shows: where in the Console, and what must be there before it is taken. */
const PICTURES: Readonly<Record<string, { readonly path: string; readonly shows: readonly string[] }>> = {
  'what-is-wrong.png': { path: '', shows: ['DeadLetters', 'Subscription receipts'] },
  'story.png': { path: 'find?q=17', shows: ['no price for cocoa'] },
  'what-is-there.png': { path: 'graph', shows: ['popular', 'receipts'] },
};

export class Pictures {
  #browser: Browser | undefined;
  #page: Page | undefined;
  #address = '';

  /** `terminal` has the address that signs in, once. */
  async take(file: string, terminal: string, service: FoundService): Promise<void> {
    const picture = PICTURES[basename(file)] ?? assert.fail(`nothing says what ${file} shows`);
    this.#page ??= await this.#open(terminal, service);
    await this.#page.goto(this.#address + picture.path);
    for (const text of picture.shows) await this.#page.getByText(text).first().waitFor();
    if (process.env['DOCS_IMAGES'] === undefined) return assert.ok(existsSync(file), `make docs-images makes ${file}`);
    // What moves is in its place.
    await this.#page.waitForTimeout(1_000);
    mkdirSync(dirname(file), { recursive: true });
    await this.#page.screenshot({ path: file });
  }

  async #open(terminal: string, service: FoundService): Promise<Page> {
    const [signIn = ''] = /http:\S+\/console\/#code=\S+/.exec(terminal) ?? [];
    this.#address = signIn.split('#')[0] ?? '';
    this.#browser = await driver.connect(service.url());
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 800 },
      colorScheme: 'light',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(signIn);
    await page.locator('nav').waitFor();
    return page;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
  }
}
