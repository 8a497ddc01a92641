// Puts a rendered page into the frame of the site: all pages at the side, the headings of this one,
// and the pages before and after it.
import { escapeHtml } from './html.ts';
import type { PageEntry, PageList } from './page-list.ts';
import type { Heading, RenderedPage } from './render-page.ts';

export interface FrameOptions {
  /** The built page, with names in braces where parts go. */
  readonly template: string;
  readonly list: PageList;
  readonly version: string;
  /** The address of the Console, if there is one beside the site. */
  readonly console: string | undefined;
  /** The way from this page to the folder `docs/`, with a slash at its end. */
  readonly up: string;
  toPage(address: string): string;
}

/** Headings below this level are too many to list. */
const DEEPEST_LISTED = 3;

export function framePage(page: PageEntry, rendered: RenderedPage, options: FrameOptions): string {
  const { template, list, version, up, toPage } = options;
  const parts: Readonly<Record<string, string>> = {
    up,
    version: escapeHtml(version),
    title: escapeHtml(rendered.title),
    home: escapeHtml(toPage('')),
    console: options.console === undefined ? '' : `<a class="button ghost" href="${options.console}">Console</a>`,
    pages: list.groups.map(({ title, pages }) => groupOf(title, pages, page, toPage)).join('\n'),
    headings: headingsOf(rendered.headings),
    content: rendered.html,
    around: aroundOf([...list.byFile.values()], page, toPage),
    markdown: escapeHtml(`${up}../${page.file}`),
  };
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole);
}

function groupOf(
  title: string,
  pages: readonly PageEntry[],
  current: PageEntry,
  toPage: FrameOptions['toPage'],
): string {
  const items = pages.map(page => {
    const here = page === current ? ' aria-current="page"' : '';
    return `<li><a href="${escapeHtml(toPage(page.address))}"${here}>${escapeHtml(page.name)}</a></li>`;
  });
  const open = pages.includes(current) ? ' open' : '';
  return `<details${open}><summary>${escapeHtml(title)}</summary><ul>\n${items.join('\n')}\n</ul></details>`;
}

function headingsOf(headings: readonly Heading[]): string {
  const listed = headings.filter(({ depth }) => depth > 1 && depth <= DEEPEST_LISTED);
  if (listed.length < 2) return '';
  const items = listed.map(
    ({ depth, text, anchor }) => `<li class="depth-${depth}"><a href="#${anchor}">${escapeHtml(text)}</a></li>`,
  );
  return `<nav class="headings" aria-label="On this page"><p>On this page</p><ul>\n${items.join('\n')}\n</ul></nav>`;
}

function aroundOf(pages: readonly PageEntry[], current: PageEntry, toPage: FrameOptions['toPage']): string {
  const at = pages.indexOf(current);
  const link = (page: PageEntry | undefined, word: string, rel: string) =>
    page === undefined
      ? ''
      : `<a rel="${rel}" href="${escapeHtml(toPage(page.address))}"><span>${word}</span> ${escapeHtml(page.name)}</a>`;
  return link(pages[at - 1], 'Previous', 'prev') + link(pages[at + 1], 'Next', 'next');
}
