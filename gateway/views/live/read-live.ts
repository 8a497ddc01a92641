// Reads what a followed question asks for, as items that can be told one by one.
import type { ViewLayout } from '../../../core/views/view-layout.ts';
import type { Ranked } from '../../../drivers/store/rankings.ts';
import type { Row } from '../../../drivers/store/tables.ts';
import { type ToText, toTextOf } from '../answer-text.ts';
import { badQuery } from '../query-params.ts';
import { readFeed } from '../read-feed.ts';
import { readMember, readTop } from '../read-ranking.ts';
import { readKeys, readRow, readRows } from '../read-rows.ts';
import type { ViewQuestion } from '../view-query.ts';
import type { ViewStore } from '../view-store.ts';
import type { LiveItem } from './live-answer.ts';

export type FollowedQuestion = Extract<
  ViewQuestion,
  { readonly kind: 'row' | 'keys' | 'member' | 'rows' | 'top' | 'feed' }
>;

export interface LiveRead {
  readonly items: readonly LiveItem[];
  /** Whether more match than are asked for. */
  readonly more: boolean;
}

/** Throws `bad-request` for a question that cannot be followed. */
export function assertFollowed(question: ViewQuestion, hasFollowers: boolean): FollowedQuestion {
  switch (question.kind) {
    case 'row':
    case 'keys':
    case 'member':
    case 'top':
      return question;
    case 'feed':
      if (hasFollowers) throw badQuery('A feed of followers cannot be followed. Ask for it again from time to time.');
      return firstPage(question);
    case 'rows':
      return firstPage(question);
    default:
      throw badQuery('This question cannot be followed. Follow rows, a ranking or a feed, or ask again.');
  }
}

function firstPage<Question extends { readonly after: string | undefined }>(question: Question): Question {
  if (question.after === undefined) return question;
  throw badQuery('A following begins with the first page: "after" can only be the position of an event.');
}

export async function readLive(store: ViewStore, layout: ViewLayout, question: FollowedQuestion): Promise<LiveRead> {
  const textOf = toLineOf(question);
  switch (question.kind) {
    case 'row':
      return rowRead(question, await readRow(store, layout, question.key));
    case 'keys': {
      const rows = await readKeys(store, layout, question.keys);
      return { items: rows.map(row => rowItem(row, textOf)), more: false };
    }
    case 'member': {
      const member = await readMember(store, layout, question.key);
      return { items: member ? [memberItem(member, '', textOf)] : [], more: false };
    }
    case 'rows': {
      const { rows, next } = await readRows(store, layout, question);
      return { items: rows.map(row => rowItem(row, textOf)), more: next !== undefined };
    }
    case 'top': {
      const members = await readTop(store, layout, question.limit);
      return { items: members.map(each => memberItem(each, `"rank":${each.rank},`, textOf)), more: false };
    }
    case 'feed': {
      const { entries, next } = await readFeed(store, layout, undefined, question);
      const items = entries.map(({ id, at, value }) => {
        const time = JSON.stringify(new Date(at).toISOString());
        return { id, text: `"id":${JSON.stringify(id)},"time":${time},"value":${textOf(value)}` };
      });
      return { items, more: next !== undefined };
    }
  }
}

/** The answer to a question for one row. */
export function rowRead(question: FollowedQuestion, row: Row | undefined): LiveRead {
  return { items: row ? [rowItem(row, toLineOf(question))] : [], more: false };
}

function rowItem({ key, value }: Row, textOf: ToText): LiveItem {
  return { id: key, text: `"key":${JSON.stringify(key)},"value":${textOf(value)}` };
}

function memberItem({ member, score, value }: Ranked, rank: string, textOf: ToText): LiveItem {
  const shown = value === undefined ? '' : `,"value":${textOf(value)}`;
  return { id: member, text: `${rank}"member":${JSON.stringify(member)},"score":${JSON.stringify(score)}${shown}` };
}

/** In JSON line ends stand between tokens alone. */
function toLineOf({ fields }: FollowedQuestion): ToText {
  const textOf = toTextOf(fields);
  return value => textOf(value).replaceAll(/[\r\n]+/g, ' ');
}
