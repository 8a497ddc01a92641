// Events of topics in tables and in lines.
import type { TopicEvent } from '../../admin/topic-view.ts';
import { counted } from '../../core/units/counted.ts';
import { type Column, oneLine } from '../output/table.ts';
import type { Style } from '../style.ts';

/** Widths of lines that come one by one, as no line knows the next. */
const WIDTHS: Readonly<Record<string, number>> = {
  TIME: 24,
  POSITION: 8,
  KEY: 12,
  TYPE: 20,
  ID: 36,
  SOURCE: 12,
  BYTES: 6,
};
const GAP = '   ';

/** `<partition>-<offset>`, as `--from` takes it. */
export function placeOf({ partition, offset }: TopicEvent): string {
  return `${partition}-${offset}`;
}

export function topicEventColumns(style: Style, wide: boolean): Column<TopicEvent>[] {
  return [
    { title: 'TIME', value: row => row.appendedAt ?? '-', paint: () => style.dim },
    { title: 'POSITION', value: placeOf, paint: () => style.bold },
    { title: 'KEY', value: row => row.key ?? '-' },
    { title: 'TYPE', value: row => row.type ?? '-' },
    ...(wide
      ? [
          { title: 'ID', value: (row: TopicEvent) => row.id ?? '-' },
          { title: 'SOURCE', value: (row: TopicEvent) => row.source ?? '-' },
          { title: 'BYTES', value: (row: TopicEvent) => row.bytes },
        ]
      : []),
    {
      title: 'DATA',
      value: dataWords,
      paint: row => (row.unreadable === undefined ? undefined : style.red),
    },
  ];
}

/** `width` cuts the line; undefined leaves it whole. */
export function eventLine(
  event: TopicEvent,
  style: Style,
  { wide, width }: { wide: boolean; width: number | undefined },
): string {
  let room = width ?? Number.POSITIVE_INFINITY;
  const cells = topicEventColumns(style, wide).map(({ title, value, paint }) => {
    const text = oneLine(String(value(event))).padEnd(WIDTHS[title] ?? 0);
    const shown = text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text;
    room = Math.max(0, room - shown.length - GAP.length);
    return shown === '' ? '' : (paint?.(event)?.(shown) ?? shown);
  });
  return cells
    .filter(cell => cell !== '')
    .join(GAP)
    .trimEnd();
}

function dataWords({ data, text, base64, bytes, contentType, truncated, unreadable, notShown }: TopicEvent): string {
  if (notShown !== undefined) return `${counted(bytes, 'byte')}, not shown. ${notShown}`;
  if (unreadable !== undefined) return `cannot be read: ${unreadable}`;
  if (data !== undefined) return JSON.stringify(data);
  if (text !== undefined) return truncated ? `${text}… (${counted(bytes, 'byte')})` : text;
  return base64 === undefined ? '-' : `${contentType ?? 'no content type'}, ${counted(bytes, 'byte')}`;
}
