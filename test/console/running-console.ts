// The Console as people have it: built, served by a whole platform, and shown in a real browser.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium as driver, type Page } from 'playwright-core';
import { buildConsole } from '../../scripts/build-console.ts';
import { type Platform, startPlatform } from '../../server/platform.ts';
import type { AdminCallers, PlatformOptions } from '../../server/platform-options.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';
import { eventually } from '../eventually.ts';
import { chromium } from '../services/chromium.ts';
import { type FoundService, findService } from '../services/service.ts';
import { findServices, type RunningServices } from './over-services.ts';
import { shopFiles } from './shop.ts';

export type Look = 'light' | 'dark' | 'phone';

/** In which each page is looked at: all of them at night. */
export const LOOKS: readonly Look[] = process.env['TENFOLD_NIGHTLY'] ? ['light', 'dark', 'phone'] : ['light'];

const SIZES: Readonly<Record<Look, { readonly width: number; readonly height: number }>> = {
  light: { width: 1280, height: 860 },
  dark: { width: 1280, height: 860 },
  phone: { width: 390, height: 844 },
};

export interface RunningConsole {
  readonly platform: Platform;
  /** A page that is signed in. Errors of pages, and requests to elsewhere, fail the test. */
  open(path?: string, look?: Look): Promise<Page>;
  /**
   * One of its own, for an address as the terminal prints it or without a code. `origin` says where
   * the platform is, unless at its own port.
   */
  fresh(look?: Look, origin?: string): Promise<Page>;
  /** Sends JSON to the public listener, and answers with JSON; an error fails. */
  send(method: string, path: string, data: unknown): Promise<unknown>;
  order(order: string, drink: string): Promise<unknown>;
  mend(): Promise<unknown>;
  admin<T>(path: string, init?: RequestInit): Promise<T>;
  has(name: string, reason: string): Promise<boolean>;
}

/** The token of somebody who may look, and nothing else. */
export const VIEWER = 'the-token-of-a-viewer';
const hash = createHash('sha256').update(VIEWER).digest('hex');
const tokensFile = `tokens: [{ name: ada, role: viewer, sha256: ${hash} }]\n`;
const READS_WITHIN_MS = 60_000;

type Files = Readonly<Record<string, string>>;

type More = Partial<PlatformOptions> & {
  /** Beside those of the shop. */
  readonly files?: Files | (() => Promise<Files>);
  /** Beside the holders of tokens. */
  readonly callers?: () => Promise<AdminCallers>;
  /** Where it keeps all; without it in its folder. */
  readonly over?: () => Promise<RunningServices>;
};

/** At night all tests of the Console run over services, too. */
const overAll = process.env['TENFOLD_CONSOLE'] === 'distributed' ? findServices() : undefined;

/** As `describe`, with a platform of its own. Without a browser it says so and defines nothing. */
export function describeConsole(title: string, define: (running: RunningConsole) => void, more: More = {}): void {
  const browserService = findService(chromium);
  if (browserService) describe(title, () => define(runningConsole(browserService, more)));
}

function runningConsole(
  browserService: FoundService,
  { files = {}, callers, over = overAll, ...more }: More,
): RunningConsole {
  let services: RunningServices | undefined;
  let platform: Platform | undefined;
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  before(async () => {
    const own = typeof files === 'function' ? await files() : files;
    const folder = tempFolder({ ...shopFiles, ...own, 'tokens.yaml': tokensFile });
    const consoleFolder = join(folder, '.console');
    await buildConsole(consoleFolder);
    services = await over?.();
    platform = await startPlatform({
      ...services,
      directory: folder,
      consoleFolder,
      watch: false,
      adminCallers: { tokens: join(folder, 'tokens.yaml'), ...(await callers?.()) },
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: {},
      ...more,
    });
    browser = await driver.connect(browserService.url());
    const { view } = platform;
    await eventually(() => view.readiness().ready, 'the platform is ready');
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    assert.deepEqual(complaints.splice(0), []);
  });
  after(async () => {
    await browser?.close();
    await platform?.close(0);
    await services?.stop();
    removeTempFolders();
  });
  const running = () => platform ?? assert.fail('the platform runs in tests alone');
  const fresh = async (look: Look = 'light', origin = running().addresses.admin) => {
    assert.ok(browser);
    const context = await browser.newContext({
      viewport: SIZES[look],
      colorScheme: look === 'light' ? 'light' : 'dark',
      reducedMotion: 'reduce',
    });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(READS_WITHIN_MS);
    listen(page, origin, complaints);
    return page;
  };
  const admin = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const headers = { authorization: `Bearer ${running().adminToken}`, 'content-type': 'application/json' };
    const response = await fetch(running().addresses.admin + path, { ...init, headers });
    return (await response.json()) as T;
  };
  const send = async (method: string, path: string, data: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const body = data === undefined ? {} : { body: JSON.stringify(data) };
    const response = await fetch(running().addresses.public + path, { method, headers, ...body });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    get platform() {
      return running();
    },
    fresh,
    async open(path = '', look) {
      const page = await fresh(look);
      const [address = '', code] = running().openConsole().split('#');
      await page.goto(`${address}${path}#${code}`);
      await page.locator('nav').waitFor();
      return page;
    },
    send,
    order: (order, drink) => send('POST', '/orders', { order, drink }),
    mend: () => send('PUT', '/mended', {}),
    admin,
    async has(name, reason) {
      const { findings } = await admin<{ findings: { resource?: { name: string }; reason: string }[] }>(
        '/api/diagnosis',
      );
      return findings.some(found => found.resource?.name === name && found.reason === reason);
    },
  };
}

/** Errors, refusals by the policy of the page, and requests to anywhere else. */
function listen(page: Page, origin: string, complaints: string[]): void {
  page.on('console', message => {
    // A browser also says so of each answer with a status from 400 on.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(String(error.stack)));
  page.on('request', request => {
    if (new URL(request.url()).origin !== origin) complaints.push(`a request to ${request.url()}`);
  });
}

/** Where `TENFOLD_SCREENSHOTS` names a folder, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['TENFOLD_SCREENSHOTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
