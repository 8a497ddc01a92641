// A platform for the blocks of a page of docs/patterns, with a server of the test behind every
// address that the page names.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlatformView } from '../../../admin/platform-view.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { startUpstream } from '../../fakes/echo-upstream.ts';
import { startIssuer, type TestIssuer } from '../../gateway/auth/test-issuer.ts';
import { root } from '../platform-process.ts';

type Answer = unknown | ((url: URL) => unknown);

export interface PagePlatform {
  issuer: TestIssuer;
  /** Where the files of the page are, empty for each test. */
  folder: string;
  /** What each host of a page answers with, whatever the path; undefined is 404. */
  hosts: Record<string, Answer>;
  /** Runs the resources of a block with every address led to the test's own servers. */
  run(yaml: string, use: (platform: Platform, address: string) => Promise<void>): Promise<void>;
}

/** To be called in `describe`. */
export function pagePlatform(): PagePlatform {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  const pages = {
    hosts: {},
    async run(yaml, use) {
      const own = yaml
        .replace(/(\burl: )"?https?:\/\/([a-z0-9.-]+)[^"\s}]*"?/g, `$1"${upstream.origin}/$2"`)
        .replace(/(\bissuer: )"?https:\/\/login\.example\.com"?/g, `$1"${pages.issuer.url}"`);
      writeFileSync(join(pages.folder, 'app.yaml'), own);
      const platform = await startPlatform({
        directory: pages.folder,
        watch: false,
        host: '127.0.0.1',
        ports: { public: 0, internal: 0, admin: 0 },
        events: {},
      });
      try {
        assert.deepEqual(platform.view.catalog.problems, []);
        await use(platform, platform.addresses.public);
      } finally {
        await platform.close(1000);
      }
    },
  } as PagePlatform;

  before(async () => {
    pages.issuer = await startIssuer();
    upstream = await startUpstream((request, response) => {
      const [, host = '', path = ''] = /^\/([^/]+)(.*)$/.exec(request.url ?? '') ?? [];
      const known = pages.hosts[host];
      const body = typeof known === 'function' ? known(new URL(path, 'http://x')) : known;
      response.statusCode = body === undefined ? 404 : 200;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body ?? {}));
    });
    // Inside the checkout, so that functions find their packages.
    mkdirSync(join(root, '.cache'), { recursive: true });
  });
  after(async () => {
    await upstream.close();
    await pages.issuer.close();
  });
  beforeEach(() => {
    pages.folder = mkdtempSync(join(root, '.cache', 'page-'));
    pages.hosts = {};
  });
  afterEach(() => rmSync(pages.folder, { recursive: true }));
  return pages;
}

/** The lines of a block, asking the platform of the test. */
export function linesOf(block: string, address: string): string[] {
  const lines = block.trim().split('\n');
  return lines.map(line => line.replace('http://127.0.0.1:8080', address).replace(/^curl/, 'curl -sf'));
}

/** What a page says to watch is there to be watched. */
export async function namesMetrics(page: string, view: PlatformView): Promise<void> {
  const text = readFileSync(join(root, 'docs/patterns', page), 'utf8');
  const named = new Set(text.match(/tenfold_[a-z_]+/g));
  const metrics = await view.metrics();
  assert.ok(named.size > 0);
  for (const name of named) assert.ok(metrics.includes(`# TYPE ${name} `), name);
}

/** Status, headers and JSON of an answer. */
export async function get(url: string, headers: Record<string, string> = {}, method = 'GET') {
  const answer = await fetch(url, { method, headers });
  return { status: answer.status, headers: answer.headers, body: JSON.parse((await answer.text()) || 'null') };
}
