// Shows where in its texts a document matched: short stretches around the words, taken apart into
// what matched and what did not.
import type { Fragment } from '../search-index.ts';
import { soundsOf, wordsOf } from './analyze.ts';
import { textsAt } from './document.ts';
import type { TextField } from './plan.ts';

/** Characters that are shown before and behind a match, about. */
const AROUND = 60;
const MAX_FRAGMENTS = 3;

/** Which words of a text count as a match. */
export interface Meant {
  /** Folded. */
  readonly words: ReadonlySet<string>;
  /** Words that begin so are marked as well. */
  readonly beginning: string | undefined;
  readonly sounds: ReadonlySet<string>;
  /** In fields with typos: so do those of which it says yes. */
  readonly isSimilar?: ((word: string) => boolean) | undefined;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

export function highlight(
  document: unknown,
  fields: readonly TextField[],
  match: Meant,
): { readonly field: string; readonly fragments: readonly Fragment[] }[] {
  return fields.flatMap(field => {
    const isMatch = matcherOf(field, match);
    const fragments: Fragment[] = [];
    for (const text of textsAt(field, document)) {
      const spans = [...wordsOf(text)].filter(({ word }) => isMatch(word));
      fragments.push(...fragmentsOf(text, spans));
      if (fragments.length >= MAX_FRAGMENTS) break;
    }
    return fragments.length > 0 ? [{ field: field.name, fragments: fragments.slice(0, MAX_FRAGMENTS) }] : [];
  });
}

function matcherOf({ stem, sounds, settings }: TextField, match: Meant): (word: string) => boolean {
  const stems = stem && new Set([...match.words].map(stem));
  return word =>
    match.words.has(word) ||
    (match.beginning !== undefined && word.startsWith(match.beginning)) ||
    (stem !== undefined && stems?.has(stem(word)) === true) ||
    (sounds !== undefined && soundsOf(word).some(sound => match.sounds.has(sound))) ||
    (settings.fuzzy && match.isSimilar?.(word) === true);
}

function fragmentsOf(text: string, spans: readonly Span[]): Fragment[] {
  const fragments: Fragment[] = [];
  for (let at = 0; at < spans.length && fragments.length < MAX_FRAGMENTS; ) {
    const first = spans[at];
    if (!first) break;
    const start = startNear(text, first.start - AROUND);
    const within = [first];
    let next = spans[++at];
    while (next && next.end <= first.start + 2 * AROUND) {
      within.push(next);
      next = spans[++at];
    }
    const end = endNear(text, (within.at(-1) ?? first).end + AROUND);
    fragments.push(partsOf(text, start, end, within));
  }
  return fragments;
}

function partsOf(text: string, start: number, end: number, spans: readonly Span[]): Fragment {
  const parts: { text: string; isMatch: boolean }[] = [];
  let at = start;
  for (const span of spans) {
    if (span.start > at) parts.push({ text: text.slice(at, span.start), isMatch: false });
    parts.push({ text: text.slice(span.start, span.end), isMatch: true });
    at = span.end;
  }
  if (end > at) parts.push({ text: text.slice(at, end), isMatch: false });
  return parts;
}

/** Moves to where a word begins, so that none is cut and no letter of two units is. */
function startNear(text: string, at: number): number {
  if (at <= 0) return 0;
  const space = text.indexOf(' ', at);
  return space >= 0 && space < at + AROUND ? space + 1 : clear(text, at);
}

function endNear(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const space = text.lastIndexOf(' ', at);
  return space > at - AROUND ? space : clear(text, at);
}

function clear(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
