// Lists what an event was made of and what it led to, and says how far the log was searched.
import type { EventStory, StoryLink, StoryUnread } from '../../admin/story-view.ts';
import { counted } from '../../core/units/counted.ts';
import { consumerNameOf } from '../dead/list.ts';
import { oneLine, renderTable } from '../output/table.ts';
import type { Style } from '../style.ts';

/** Links that a table has; `-o json` has more. */
const SHOWN = 20;

type Links = Pick<EventStory, 'cameFrom' | 'unreadBefore' | 'ledTo' | 'moreLedTo' | 'unreadAfter'>;

/** Paragraphs, none where there is nothing to say. */
export function linkLines(links: Links, style: Style): string[] {
  const { cameFrom, unreadBefore = [], ledTo, moreLedTo = 0, unreadAfter = [] } = links;
  return [
    ...tableOf('CAME FROM', cameFrom, 0, style),
    ...unreadLines(unreadBefore, 'Earlier events were not searched', '--from-before', newest),
    ...tableOf('LED TO', ledTo, moreLedTo, style),
    ...unreadLines(unreadAfter, 'Later events were not searched', '--led-since', oldest),
  ];
}

function tableOf(title: string, links: readonly StoryLink[], more: number, style: Style): string[] {
  if (links.length === 0) return [];
  const columns = [
    { title, value: ({ of }: StoryLink) => placeWords(of), paint: () => style.bold },
    { title: 'ID', value: ({ id }: StoryLink) => id ?? 'many events' },
    { title: 'BY', value: ({ by }: StoryLink) => consumerNameOf(by) },
    { title: 'AS', value: ({ how }: StoryLink) => AS[how] },
  ];
  const others = Math.max(0, links.length - SHOWN) + more;
  const table = renderTable(columns, links.slice(0, SHOWN));
  return [others === 0 ? table : `${table}\nand ${counted(others, 'other')}`];
}

const AS: Readonly<Record<StoryLink['how'], string>> = {
  to: 'target',
  reply: 'reply',
  'dead letter': 'dead letter',
  window: 'result of a window',
  end: 'end of the job',
};

function unreadLines(
  unread: readonly StoryUnread[],
  what: string,
  option: string,
  choose: (times: readonly string[]) => string,
): string[] {
  if (unread.length === 0) return [];
  const topics = [...new Set(unread.map(({ of }) => placeWords(of)))].join(', ');
  const at = choose(unread.map(({ at }) => at));
  return [`${what} in ${oneLine(topics)}. Go on with:\n  ${option} ${at}`];
}

function placeWords({ kind, name }: StoryLink['of']): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** RFC 3339 in UTC sorts as time does. */
function oldest(times: readonly string[]): string {
  return times.toSorted()[0] ?? '';
}

function newest(times: readonly string[]): string {
  return times.toSorted().at(-1) ?? '';
}
