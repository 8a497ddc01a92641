// One page of the documentation, rendered: what is text stays text, headings have the addresses of
// GitHub, and links lead to pages of the site or nowhere.
import assert from 'node:assert/strict';
import type { PageList } from '../../../admin/docs/page-list.ts';
import { renderPage } from '../../../admin/docs/render-page.ts';

const views = { file: 'docs/guides/views.md', address: 'guides/views', name: 'Views' };
const list: PageList = {
  groups: [{ title: 'All', pages: [views] }],
  byFile: new Map([[views.file, views]]),
  pictures: new Set(['docs/images/here.png']),
};
const links = { list, toPage: (address: string) => `../${address}`, toPicture: (file: string) => `../../${file}` };
const render = (markdown: string) => renderPage(markdown, 'docs/guides/cache.md', links);

describe('a page of the documentation', () => {
  it('shows HTML of its own as text, and no comment', () => {
    const { html } = render(
      '<!-- made -->\n# Title\n\n<script>alert(1)</script>\n\nA <img src=x onerror="alert(1)"> and `<b>`.\n\n```html\n<i>&\n```\n',
    );
    assert.doesNotMatch(html, /<script|<img|<b>|<i>|made/);
    assert.match(html, /&lt;script&gt;alert\(1\)/);
    assert.match(html, /<code>&lt;b&gt;<\/code>/);
    assert.match(html, /<code data-language="html">&lt;i&gt;&amp;\n<\/code>/);
  });

  it('keeps text of links, names and addresses from becoming HTML', () => {
    const { html, title } = render(
      '# A "<b>" & `c`\n\n[<i>"x](https://example.com/?a="><script>)\n\n![">](gone.png)\n',
    );
    assert.equal(title, 'A "<b>" & c');
    assert.doesNotMatch(html, /<script|<i>|<b>|""/);
    assert.match(html, /Picture, in the repository alone: &quot;&gt;/);
  });

  it('has links to pages, headings and the web, and to nothing else', () => {
    const { html } = render(
      '[a](views.md#reading) [b](#here) [c](https://example.com) [d](../../core/errors.ts) [e](javascript:alert(1)) [f](../../../etc/passwd) [g](data:text/html,x) [h](//example.com)\n',
    );
    const hrefs = [...html.matchAll(/ href="([^"]*)"/g)].map(([, href]) => href);
    assert.deepEqual(hrefs, ['../guides/views#reading', '#here', 'https://example.com']);
    assert.match(render('[All](../guides/)').html, /<a href="\.\.\/">All/);
    assert.match(html, /<span class="elsewhere" title="core\/errors.ts">d<\/span>/);
  });

  it('gives headings the addresses that they have on GitHub', () => {
    const { headings, html } = render(
      '# `tenfold dead ACTION`\n\n## What is *it*, and why?\n\n## Again\n\n> ## Quoted\n\n## Again\n\n### A_b [link](views.md)\n',
    );
    assert.deepEqual(
      headings.map(({ depth, anchor }) => [depth, anchor]),
      [
        [1, 'tenfold-dead-action'],
        [2, 'what-is-it-and-why'],
        [2, 'again'],
        [2, 'again-1'],
        [3, 'a_b-link'],
      ],
    );
    for (const { anchor } of headings) assert.ok(html.includes(` id="${anchor}"`), anchor);
    assert.match(html, /<h2>Quoted<\/h2>/);
  });

  it('has pictures that are here, and says what others show', () => {
    const { html } = render('![Here](../images/here.png)\n\n![Not here](../images/gone.png)\n');
    assert.match(html, /<img src="\.\.\/\.\.\/docs\/images\/here\.png" alt="Here"/);
    assert.match(html, /in the repository alone: Not here/);
  });

  it('gives the search what each section says, without marks', () => {
    const { sections } = render(
      '# One\n\nSome **bold** `code`.\n\n| a | b |\n| - | - |\n| 1 | [2](views.md) |\n\n## Two\n\n- x\n- y\n',
    );
    assert.deepEqual(
      sections.map(({ heading, text }) => [heading.text, text.trim().split(/\n+/)]),
      [
        ['One', ['Some bold code.', 'a · b', '1 · 2']],
        ['Two', ['x', 'y']],
      ],
    );
  });
});
