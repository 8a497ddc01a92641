// The documentation at the admin port, over real HTTP: pages, their Markdown, and no way to any
// other file.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createAdminServer } from '../../../admin/admin-server.ts';
import { serveDocs } from '../../../admin/docs/serve-docs.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { fakeView } from '../../fakes/platform-view.ts';

const files = {
  'docs/README.md':
    '# Docs\n\n[README](../README.md), [changes](../CHANGELOG.md)\n\n## How?\n\n[Views](guides/views.md), [linked](linked.md)\n',
  'docs/guides/views.md': '# Views\n\nSee [all](../README.md).\n',
  'docs/left-out.md': '# Left out of the index\n',
  'docs/notes.txt': 'none of ours',
  'README.md': '# Tenfold\n',
  'CHANGELOG.md': '# Changelog\n',
  'llms.txt': '# Tenfold\n',
  'package.json': '{}',
  'resources/generated/tenfold.schema.json': '{}',
  'built/index.html': '<title>{title} {version}</title>{console}{content}{around}',
  'built/assets/docs-ABCD1234.js': 'shown()',
};

describe('the documentation at the admin port', () => {
  let server: Server;
  let port: number;
  const start = async (root: string, built: string) => {
    server = createAdminServer(fakeView({}), {
      token: 'x',
      docs: serveDocs({ root, built, version: '1.2.3', allowedHosts: [] }),
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    port = (server.address() as AddressInfo).port;
  };
  /** The path goes as it is: `fetch` would tidy it. */
  const get = async (path: string, options: { readonly method?: string; readonly headers?: object } = {}) => {
    const sent = request({ host: '127.0.0.1', port, path, ...options, headers: { ...options.headers } });
    const [answer] = await once(sent.end(), 'response');
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
  };

  describe('where it was built', () => {
    before(async () => {
      const root = tempFolder(files);
      symlinkSync(join(root, 'package.json'), join(root, 'docs/linked.md'));
      await start(root, join(root, 'built'));
    });
    after(() => {
      server.close();
      removeTempFolders();
    });

    it('leads from where the type of an error says to the page of its code', async () => {
      const { status, headers } = await get('/errors');
      assert.deepEqual([status, headers.location], [308, '/docs/reference/errors']);
    });

    it('has pages under a strict policy, and asks again whether they have changed', async () => {
      const { status, headers, body } = await get('/docs/guides/views');
      assert.equal(status, 200);
      assert.match(body, /<title>Views 1\.2\.3<\/title>.*href="\/console\/".*href="\.\.\/"/s);
      assert.match(headers['content-security-policy'], /default-src 'none'; script-src 'self'; style-src 'self'/);
      assert.doesNotMatch(headers['content-security-policy'], /unsafe|https?:|\*/);
      assert.equal(headers['cache-control'], 'no-cache');
      const again = await get('/docs/guides/views', { headers: { 'if-none-match': headers.etag } });
      assert.equal(again.status, 304);
      assert.equal(
        (await get('/docs/guides/views', { headers: { 'accept-encoding': 'br' } })).headers['content-encoding'],
        'br',
      );
      assert.equal((await get('/docs/guides/views', { method: 'HEAD' })).body, '');
    });

    it('has the index with and without a slash, the Markdown of each page, and what agents read first', async () => {
      assert.deepEqual([(await get('/docs')).status, (await get('/docs')).headers.location], [308, '/docs/']);
      assert.match((await get('/docs/')).body, /Docs 1\.2\.3/);
      for (const path of [
        '/docs/README.md',
        '/docs/guides/views.md',
        '/README.md',
        '/CHANGELOG.md',
        '/llms.txt',
      ] as const) {
        const { status, headers, body } = await get(path);
        assert.deepEqual([status, body], [200, files[path.slice(1) as keyof typeof files]]);
        assert.match(headers['content-type'], /^text\/(markdown|plain); charset=utf-8$/);
      }
    });

    it('keeps for good what has its content in its name', async () => {
      const { headers, body } = await get('/docs/assets/docs-ABCD1234.js');
      assert.deepEqual([headers['cache-control'], body], ['public, max-age=31536000, immutable', 'shown()']);
    });

    for (const path of [
      '/docs/guides%2fviews',
      '/docs/guides/views/',
      '/docs/guides',
      '/docs/guides/',
      '/docs/GUIDES/views',
      '/docs/linked',
      '/docs/linked.md',
      '/docs/left-out',
      '/docs/left-out.md',
      '/docs/notes.txt',
      '/docs/package.json',
      '/docs/assets/',
      '/docs/constructor',
      '/docs/__proto__',
      '/package.json',
    ])
      it(`has nothing at ${path}`, async () => assert.equal((await get(path)).status, 404));

    // The guard of the listener refuses what is no plain path, before anybody looks for a file.
    for (const path of [
      '/docs/../package.json',
      '/docs/..%2fpackage.json',
      '/docs/%2e%2e/package.json',
      '/docs/%2e%2e%2fpackage.json',
      '/docs/..%5cpackage.json',
      '/docs//package.json',
      '/docs/guides/../guides/views',
      '/docs/assets/../index.html',
      '/docs/%00',
      '/docs/%ff',
    ])
      it(`refuses ${path}`, async () => assert.equal((await get(path)).status, 400));

    it('refuses other methods, and hosts from outside', async () => {
      assert.equal((await get('/docs/', { method: 'POST' })).status, 405);
      assert.equal((await get('/docs/', { headers: { host: 'attacker.example' } })).status, 403);
    });
  });

  describe('where it was not', () => {
    before(async () => {
      const root = tempFolder(files);
      await start(root, join(root, 'nothing'));
    });
    after(() => {
      server.close();
      removeTempFolders();
    });

    it('says how it is made', async () => {
      const { status, body } = await get('/docs/');
      assert.equal(status, 404);
      assert.match(body, /make build/);
    });
  });
});
