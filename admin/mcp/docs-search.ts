// Searches the Markdown pages that ship with the product, section by section.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { TenfoldError } from '../../core/errors.ts';

interface Section {
  /** Path below the folder, with slashes. */
  readonly page: string;
  readonly heading: string;
  readonly text: string;
}

export interface FoundSection {
  readonly page: string;
  readonly heading: string;
  /** Its beginning. */
  readonly begins: string;
}

/** The pages of one folder, which are read with the first question and kept from then on. */
export interface Docs {
  /** The best first. A word counts the more the fewer sections have it, and more in a heading. */
  search(words: string, most: number): Promise<readonly FoundSection[]>;
  /** One page, or one section of it. */
  read(page: string, heading: string | undefined): Promise<string>;
}

interface IndexedSection extends Section {
  readonly inHeading: ReadonlySet<string>;
  readonly inText: ReadonlyMap<string, number>;
}

const BEGIN = 400;

export function createDocs(folder: string): Docs {
  let reading: Promise<readonly IndexedSection[]> | undefined;
  const sections = () => {
    reading ??= indexSections(folder).catch(error => {
      reading = undefined;
      throw error;
    });
    return reading;
  };
  return {
    search: async (words, most) => best(await sections(), words, most),
    read: async (page, heading) => textOf(await sections(), page, heading),
  };
}

function best(sections: readonly IndexedSection[], words: string, most: number): readonly FoundSection[] {
  const wanted = [...new Set(wordsOf(words))];
  const weights = wanted.map(word => {
    const having = sections.filter(({ inText, inHeading }) => inText.has(word) || inHeading.has(word)).length;
    return Math.log(1 + sections.length / (having + 1));
  });
  const scored = sections.map(section => {
    const scores = wanted.map((word, at) => {
      const times = section.inText.get(word) ?? 0;
      return (weights[at] ?? 0) * (times / (times + 1) + (section.inHeading.has(word) ? 2 : 0));
    });
    return { section, score: scores.reduce((sum, each) => sum + each, 0) };
  });
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ section: { page, heading, text } }) => ({ page, heading, begins: text.slice(0, BEGIN) }));
}

function textOf(all: readonly Section[], page: string, heading: string | undefined): string {
  const sections = all.filter(each => each.page === page);
  const meant = sections.filter(each => heading === undefined || each.heading === heading);
  if (meant.length > 0) return meant.map(each => `# ${each.heading}\n${each.text}`).join('\n');
  const why = sections.length === 0 ? `There is no page "${page}".` : `"${page}" has no heading "${heading}".`;
  throw new TenfoldError('not-found', `${why} Search for words with "search".`);
}

/** Page by page, so that other work goes on between two of them. */
async function indexSections(folder: string): Promise<readonly IndexedSection[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter(entry => entry.isFile() && entry.name.endsWith('.md'));
  if (files.length === 0) throw new TenfoldError('not-found', 'This installation has no documentation beside it.');
  const all: IndexedSection[] = [];
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    const sections = toSections(relative(folder, path).replaceAll(sep, '/'), await readFile(path, 'utf8'));
    for (const section of sections) {
      const inHeading = new Set(wordsOf(`${section.page} ${section.heading}`));
      all.push({ ...section, inHeading, inText: countsOf(wordsOf(section.text)) });
    }
  }
  return all;
}

function toSections(page: string, markdown: string): Section[] {
  const sections: { page: string; heading: string; text: string }[] = [];
  let isCode = false;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    const heading = isCode ? undefined : /^#{1,4} (.+)$/.exec(line)?.[1];
    const last = sections.at(-1);
    if (heading !== undefined || last === undefined) sections.push({ page, heading: heading ?? page, text: '' });
    else last.text += `${line}\n`;
  }
  return sections;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function countsOf(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
