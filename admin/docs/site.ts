// The documentation as a site: for each path what is there, for a server as for a folder of files.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TenfoldError } from '../../core/errors.ts';
import { framePage } from './page-frame.ts';
import { listPages, type PageEntry, type PageList } from './page-list.ts';
import { type RenderedPage, renderPage } from './render-page.ts';

export interface SiteOptions {
  /** The root of the package, which has `docs/` and what stands beside it. */
  readonly root: string;
  /** The folder that the build writes: the frame of pages, their script and their style. */
  readonly built: string;
  readonly version: string;
  /** Whether pages end in `.html`, for servers of files. */
  readonly asFiles: boolean;
  readonly console?: string;
}

export interface SiteFile {
  readonly type: string;
  readonly content: Buffer;
}

/** Makes a file when it is asked for, by its path from the root of the site. */
export type Site = ReadonlyMap<string, () => Promise<SiteFile>>;

/** A section as the search of the site reads it: address below `docs/`, page, heading and text. */
export type FoundText = readonly [address: string, page: string, heading: string, text: string];

const TYPES: Readonly<Record<string, string>> = {
  md: 'text/markdown; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  json: 'application/json; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
};
/** The file that agents read first, and a file beside the pages that it leads to. */
const BESIDE = ['llms.txt', 'resources/generated/tenfold.schema.json'];
/** It repeats what the pages say, so that a search would find everything twice. */
const NOT_SEARCHED = 'CHANGELOG.md';

export async function createSite(options: SiteOptions): Promise<Site> {
  const { root, built, asFiles } = options;
  const list = await listPages(root);
  const template = await readFile(join(built, 'index.html'), 'utf8').catch(() => {
    throw new TenfoldError('not-found', 'The documentation was not built. In a checkout, "make build" makes it.');
  });
  const site = new Map<string, () => Promise<SiteFile>>();
  const add = (path: string, from: string) =>
    site.set(path, async () => ({ type: typeOf(path), content: await readFile(from) }));
  for (const path of [...BESIDE, ...list.byFile.keys(), ...list.pictures]) add(path, join(root, path));
  for (const name of await readdir(join(built, 'assets'))) add(`docs/assets/${name}`, join(built, 'assets', name));
  const render = async (page: PageEntry) =>
    renderPage(await readFile(join(root, page.file), 'utf8'), page.file, linksFrom(page, list, asFiles));
  for (const page of list.byFile.values())
    site.set(`docs/${pathOf(page.address, asFiles)}`, async () => {
      const { up, toPage } = linksFrom(page, list, asFiles);
      const html = framePage(page, await render(page), {
        ...{ template, list, up, toPage, version: options.version },
        console: options.console,
      });
      return { type: typeOf('.html'), content: Buffer.from(html) };
    });
  site.set('docs/search.json', async () => {
    const texts: FoundText[] = [];
    // Page by page, so that other work goes on between two of them.
    for (const page of list.byFile.values())
      if (page.file !== NOT_SEARCHED) texts.push(...textsOf(pathOf(page.address, asFiles), await render(page)));
    return { type: typeOf('.json'), content: Buffer.from(JSON.stringify(texts)) };
  });
  return site;
}

function textsOf(path: string, { title, sections }: RenderedPage): FoundText[] {
  return sections.map(({ heading, text }) => [`${path}#${heading.anchor}`, title, heading.text, text.trim()]);
}

function linksFrom({ address }: PageEntry, list: PageList, asFiles: boolean) {
  const up = '../'.repeat(address.split('/').length - 1) || './';
  return {
    list,
    up,
    toPage: (to: string) => up + pathOf(to, asFiles),
    toPicture: (file: string) => `${up}../${file}`,
  };
}

/** Below `docs/`. */
function pathOf(address: string, asFiles: boolean): string {
  return asFiles ? `${address || 'index'}.html` : address;
}

function typeOf(path: string): string {
  return TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
}
