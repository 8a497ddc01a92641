// Finds the pages of the documentation, in the order and the groups of docs/README.md.
import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { Marked, type Token } from 'marked';
import { textOf } from './plain-text.ts';

export interface PageEntry {
  /** Path from the root of the package, with slashes. */
  readonly file: string;
  /** Path below `docs/`, without an ending; empty for the index. */
  readonly address: string;
  /** As the index calls it. */
  readonly name: string;
}

interface PageGroup {
  readonly title: string;
  readonly pages: readonly PageEntry[];
}

export interface PageList {
  readonly groups: readonly PageGroup[];
  /** All pages, by file, in the order of the groups. */
  readonly byFile: ReadonlyMap<string, PageEntry>;
  /** Pictures that are here, by file: the package leaves them out. */
  readonly pictures: ReadonlySet<string>;
}

const INDEX = 'docs/README.md';
/** They ship beside the folder. */
const BESIDE: Readonly<Record<string, string>> = { 'README.md': 'overview', 'CHANGELOG.md': 'changes' };

/** `root` is that of the package. Links of the file system count as no files. */
export async function listPages(root: string): Promise<PageList> {
  const entries = await readdir(join(root, 'docs'), { recursive: true, withFileTypes: true });
  const files = entries
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)).replaceAll(sep, '/'));
  const groups = groupsOf(await readFile(join(root, INDEX), 'utf8'), new Set([...files, ...Object.keys(BESIDE)]));
  const byFile = new Map(groups.flatMap(({ pages }) => pages).map(page => [page.file, page]));
  return { groups, byFile, pictures: new Set(files.filter(file => file.endsWith('.png'))) };
}

/** The file that a link of another file leads to, from the root of the package. */
export function fileOf(link: string, from: string): string {
  return posix.join(posix.dirname(from), link);
}

function groupsOf(index: string, files: ReadonlySet<string>): PageGroup[] {
  const marked = new Marked();
  const groups: { title: string; pages: PageEntry[] }[] = [
    { title: 'Begin here', pages: [{ file: INDEX, address: '', name: 'All pages by question' }] },
  ];
  const known = new Set([INDEX]);
  const add = (token: Token) => {
    if (token.type !== 'link') return;
    const file = fileOf(token['href'], INDEX);
    if (known.has(file) || !files.has(file) || !file.endsWith('.md')) return;
    known.add(file);
    groups.at(-1)?.pages.push({ file, address: addressOf(file), name: capital(textOf(token.tokens ?? [])) });
  };
  for (const token of marked.lexer(index)) {
    if (token.type === 'heading' && token['depth'] === 2) groups.push({ title: textOf(token.tokens ?? []), pages: [] });
    else marked.walkTokens([token], add);
  }
  return groups.filter(({ pages }) => pages.length > 0);
}

function addressOf(file: string): string {
  return BESIDE[file] ?? file.slice('docs/'.length, -'.md'.length);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
