// The articles of a newspaper that never was: the same ones each time, so that what an import
// makes of them can be checked.
import type { Article } from '../article.ts';

const SECTIONS = ['world', 'city', 'business', 'science', 'culture', 'sports', 'travel', 'food'];
const CATEGORIES_PER_SECTION = 6;
const AUTHORS = 300;
const TAGS = 2_000;
const PHOTOS = 5_000;
const WORDS = (
  'a about after again all and are at before between but by city coffee could day during early every few first for from garden had has harbour ' +
  'house in into is it last late light long market more morning most new night no not of old on one or other over people quiet rain river said ' +
  'season second since small some still street than that the their then there they this through time to town train two under until was water ' +
  'week were what when which while winter with without work year'
).split(' ');
const FIRST_DAY = Date.UTC(2020, 0, 1);
const HOUR_MS = 3_600_000;

/** Every so many there is one without a title, as in every index that has grown for years. */
export const UNTITLED_EVERY = 500;

/** Article number `number`, from 0; each is made from its number alone. */
export function articleNumber(number: number): Article {
  const draw = createDraw(number);
  const pick = <T>(list: readonly T[]): T => list[draw(list.length)] as T;
  const some = (least: number, most: number, below: number) =>
    [...new Set(Array.from({ length: least + draw(most - least + 1) }, () => draw(below)))].sort((a, b) => a - b);

  const section = pick(SECTIONS);
  const authors = some(1, 3, AUTHORS).map(author => ({ id: `author-${author}`, name: `Author ${author}` }));
  const title = `${capital(pick(WORDS))} ${words(draw, 5)}, ${number}`;
  return {
    id: `article-${String(number).padStart(6, '0')}`,
    version: 1,
    title: number % UNTITLED_EVERY === UNTITLED_EVERY - 1 ? '' : title,
    body: Array.from({ length: 3 + draw(6) }, () => `${capital(words(draw, 20 + draw(30)))}.`).join('\n'),
    publishedAt: new Date(FIRST_DAY + number * HOUR_MS).toISOString(),
    section: { id: section, name: capital(section) },
    categories: some(1, 2, CATEGORIES_PER_SECTION).map(category => ({
      id: `${section}-${category}`,
      name: `${capital(section)}, part ${category}`,
      section,
    })),
    authors,
    assets: some(0, 3, PHOTOS).map(photo => ({
      id: `photo-${photo}`,
      url: `https://assets.example.com/photos/${photo}.jpg`,
      credit: authors[0]?.id ?? '',
    })),
    tags: some(2, 6, TAGS).map(tag => ({ id: `tag-${tag}`, name: `${WORDS[tag % WORDS.length]} ${tag}` })),
  };
}

export function articles(count: number): Article[] {
  return Array.from({ length: count }, (_, number) => articleNumber(number));
}

/** Whole numbers from 0 to below `limit`, by the generator called mulberry32. */
function createDraw(seed: number): (limit: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b9);
  return limit => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

function words(draw: (limit: number) => number, count: number): string {
  return Array.from({ length: count }, () => WORDS[draw(WORDS.length)]).join(' ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
