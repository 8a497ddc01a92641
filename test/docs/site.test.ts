// The site of the documentation, all of it: each link and each heading that works on disk works
// there, from a server as from a folder of files.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createSite, type FoundText, type Site } from '../../admin/docs/site.ts';
import { createIndex } from '../../console/docs/search-index.ts';
import { errorCodes } from '../../core/errors.ts';
import { buildDocs } from '../../scripts/build-docs.ts';
import { root } from '../../scripts/bundle.ts';
import { removeTempFolders, tempFolder } from '../cli/temp-folder.ts';

const KIB = 1024;
const idsOf = (html: string) => [...html.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id);
const linksOf = (html: string) =>
  [...html.matchAll(/ (?:href|src|data-up)="([^"]*)"/g)].map(([, link = '']) => link.replaceAll('&amp;', '&'));

for (const asFiles of [false, true]) {
  describe(`the documentation as a site ${asFiles ? 'of files' : 'of a server'}`, () => {
    const pages = new Map<string, string>();
    let site: Site;
    let built: string;

    before(async () => {
      built = join(tempFolder(), 'docs');
      await buildDocs(built);
      site = await createSite({ root, built, version: '1.2.3', asFiles });
      for (const [path, make] of site) {
        const { type, content } = await make();
        if (type.startsWith('text/html')) pages.set(path, content.toString('utf8'));
      }
    });
    after(removeTempFolders);

    it('has each page of docs/, the README and the changes, and the Markdown of each', () => {
      const markdown = [...globSync('docs/**/*.md', { cwd: root }), 'README.md', 'CHANGELOG.md'];
      assert.equal(pages.size, markdown.length);
      assert.deepEqual(
        markdown.filter(file => !site.has(file)),
        [],
      );
      for (const path of ['', 'guides/views', 'overview', 'changes', 'reference/kinds/topic'])
        assert.ok(pages.has(`docs/${asFiles ? `${path || 'index'}.html` : path}`), path);
    });

    it('has a heading for each code that the type of an error can name', () => {
      const page = pages.get(`docs/reference/errors${asFiles ? '.html' : ''}`) ?? assert.fail();
      const ids = idsOf(page);
      assert.deepEqual(
        Object.keys(errorCodes).filter(code => !ids.includes(code)),
        [],
      );
    });

    it('has links that lead to a file of the site, and to a heading of it', () => {
      const wrong: string[] = [];
      const ids = new Map([...pages].map(([path, html]) => [path, new Set(idsOf(html))]));
      for (const [path, html] of pages)
        for (const link of linksOf(html)) {
          if (/^(https?|mailto):/.test(link)) continue;
          const [to = '', anchor] = link.split('#');
          const target = to === '' ? path : posix.join(posix.dirname(`${path}x`), to).replace(/^\.\/$/, '');
          const isThere = site.has(target) || (target === 'docs/' && !asFiles) || link.endsWith('/');
          if (!isThere || (anchor !== undefined && !ids.get(target)?.has(anchor))) wrong.push(`${path} → ${link}`);
        }
      assert.deepEqual(wrong, []);
    });

    it('leaves out no link to a page that ships', () => {
      const lost: string[] = [];
      for (const [path, html] of pages)
        for (const [, file = ''] of html.matchAll(/<span class="elsewhere" title="([^"#]*)/g))
          if ([...site.keys()].some(each => each === file || each.startsWith(posix.join(file, '/'))))
            lost.push(`${path} → ${file}`);
      assert.deepEqual(lost, []);
    });

    it('has each id once in a page, no script or style inside, and no address of elsewhere that loads', () => {
      for (const [path, html] of pages) {
        const ids = idsOf(html);
        assert.deepEqual(
          ids.filter((id, at) => ids.indexOf(id) !== at),
          [],
          path,
        );
        assert.doesNotMatch(
          html,
          /<script(?![^>]* src=)|<style| style=| on[a-z]+="|<(script|img|link)[^>]*="https?:/,
          path,
        );
        assert.match(html, /1\.2\.3/);
      }
    });

    it('leads from each page to the next in the order of the index', () => {
      const [first = ''] = pages.keys();
      const visited = new Set([first]);
      for (const path of visited) {
        const [, next] = /<a rel="next" href="([^"]*)"/.exec(pages.get(path) ?? '') ?? [];
        if (next !== undefined) visited.add(posix.join(posix.dirname(`${path}x`), next));
      }
      assert.equal(visited.size, pages.size);
    });

    it('has what llms.txt leads to', () => {
      const llms = readFileSync(join(root, 'llms.txt'), 'utf8');
      const wanted = [...llms.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link);
      assert.deepEqual(
        wanted.filter(link => !site.has(link)),
        [],
      );
    });

    it('loads little: a script of 24 KiB, most of it for colours of code, a style, and the index of the search when it is used', async () => {
      const sizeOf = async (path: string) => gzipSync((await site.get(path)?.())?.content ?? '').length;
      const assets = [...site.keys()].filter(path => path.startsWith('docs/assets/'));
      assert.equal(assets.length, 3);
      for (const path of assets) assert.ok((await sizeOf(path)) < (path.endsWith('.js') ? 24 : 12) * KIB, path);
      assert.ok((await sizeOf('docs/search.json')) < 400 * KIB);
    });

    it('finds sections by words, by beginnings, and in spite of a slip', async () => {
      const texts: FoundText[] = JSON.parse((await site.get('docs/search.json')?.())?.content.toString('utf8') ?? '');
      const index = createIndex(texts);
      const firstFor = (words: string) => index.find(words, 5).found.map(({ address }) => address);
      const ending = asFiles ? '.html' : '';
      assert.ok(firstFor('following a view').includes(`guides/views${ending}#following-a-view`));
      assert.ok(firstFor('rebuildng').some(address => address.startsWith('guides/views')));
      assert.ok(firstFor('invalid-input').includes(`reference/errors${ending}#invalid-input`));
      assert.deepEqual(index.find('zzzzzzzzzz', 5), { found: [], all: 0 });
      const { found, all } = index.find('event', 5);
      assert.ok(found.length === 5 && all > 50);
      for (const [address] of texts) assert.ok(pages.has(`docs/${address.split('#')[0]}`), address);
    });
  });
}
