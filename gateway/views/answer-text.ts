// Answers of Views as JSON text. The stored value is JSON already, and goes in as it is, unless
// members of it are chosen.
import { parseExactly, toExactText } from '../../core/units/whole-numbers.ts';
import type { FeedPage } from '../../drivers/store/feeds.ts';
import type { Ranked } from '../../drivers/store/rankings.ts';
import type { Row } from '../../drivers/store/tables.ts';
import { createFieldChooser } from './chosen-fields.ts';

/** JSON text of a stored value. */
export type ToText = (value: Uint8Array) => string;

export function createAnswerTexts(fields: readonly string[] | undefined) {
  const textOf = toTextOf(fields);
  return {
    row: ({ value }: Row) => textOf(value),
    rows: ({ rows, next }: Rows) => rowsText(rows, next, textOf),
    ranking: (ranked: readonly Ranked[]) => rankingText(ranked, textOf),
    member: (ranked: Ranked) => `{${memberText(ranked, textOf)}}`,
    feed: (page: FeedPage) => feedText(page, textOf),
  };
}

interface Rows {
  readonly rows: readonly Row[];
  readonly next?: string | undefined;
}

export function toTextOf(fields: readonly string[] | undefined): ToText {
  const storedText: ToText = value => Buffer.from(value).toString();
  if (fields === undefined) return storedText;
  const choose = createFieldChooser(fields);
  return value => toExactText(choose(parseExactly(storedText(value))));
}

function rowsText(rows: readonly Row[], next: string | undefined, textOf: ToText): string {
  return listText(
    rows.map(({ key, value }) => `{"key":${JSON.stringify(key)},"value":${textOf(value)}}`),
    next,
  );
}

function rankingText(ranked: readonly Ranked[], textOf: ToText): string {
  return listText(ranked.map(each => `{"rank":${each.rank},${memberText(each, textOf)}}`));
}

function feedText({ entries, next }: FeedPage, textOf: ToText): string {
  return listText(
    entries.map(({ id, at, value }) => {
      const time = JSON.stringify(new Date(at).toISOString());
      return `{"id":${JSON.stringify(id)},"time":${time},"value":${textOf(value)}}`;
    }),
    next,
  );
}

function memberText({ member, score, value }: Ranked, textOf: ToText): string {
  const shown = value === undefined ? '' : `,"value":${textOf(value)}`;
  return `"member":${JSON.stringify(member)},"score":${JSON.stringify(score)}${shown}`;
}

function listText(items: readonly string[], next?: string): string {
  return `{"items":[${items.join(',')}]${next === undefined ? '' : `,"next":${JSON.stringify(next)}`}}`;
}
