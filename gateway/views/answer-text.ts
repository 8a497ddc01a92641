// Answers of Views as JSON text. The stored value is JSON already, and goes in as it is.
import type { FeedPage } from '../../drivers/store/feeds.ts';
import type { Ranked } from '../../drivers/store/rankings.ts';
import type { Page } from '../../drivers/store/tables.ts';

export function toRowsText({ rows, next }: Page): string {
  return listText(
    rows.map(({ key, value }) => `{"key":${JSON.stringify(key)},"value":${textOf(value)}}`),
    next,
  );
}

export function toRankingText(ranked: readonly Ranked[]): string {
  return listText(ranked.map(each => `{"rank":${each.rank},${memberText(each)}}`));
}

export function toMemberText(ranked: Ranked): string {
  return `{${memberText(ranked)}}`;
}

export function toFeedText({ entries, next }: FeedPage): string {
  return listText(
    entries.map(({ id, at, value }) => {
      const time = JSON.stringify(new Date(at).toISOString());
      return `{"id":${JSON.stringify(id)},"time":${time},"value":${textOf(value)}}`;
    }),
    next,
  );
}

function memberText({ member, score, value }: Ranked): string {
  const shown = value === undefined ? '' : `,"value":${textOf(value)}`;
  return `"member":${JSON.stringify(member)},"score":${JSON.stringify(score)}${shown}`;
}

function listText(items: readonly string[], next?: string): string {
  return `{"items":[${items.join(',')}]${next === undefined ? '' : `,"next":${JSON.stringify(next)}`}}`;
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString();
}
