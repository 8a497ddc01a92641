// Events of a Topic in the order and the words in which a page lists them.
import type { TopicEvent, TopicLine } from '../../../../admin/topic-view.ts';
import { counted } from '../../../../core/units/counted.ts';

const MOST_LETTERS = 200;

/** Partitions have an order of their own, and their events are put together by time. */
export function newestFirst(lines: readonly TopicLine[]): readonly TopicEvent[] {
  const events = lines.flatMap(line => (line.kind === 'event' ? [line.event] : []));
  return events.toSorted(
    (one, other) => (other.appendedAt ?? '').localeCompare(one.appendedAt ?? '') || other.offset - one.offset,
  );
}

/** The notes say what the list lacks. */
export function notesOf(lines: readonly TopicLine[]): string[] {
  return lines.flatMap(line => {
    if (line.kind === 'incomplete')
      return [`The search ended after ${counted(line.scanned, 'event')}; older ones may match.`];
    if (line.kind !== 'done' || line.undecided === undefined) return [];
    const { count, message } = line.undecided;
    return [`The filter could not decide about ${counted(count, 'event')}. ${message}`];
  });
}

/** The beginning of the data, on one line. */
export function dataWords({ data, text, base64, bytes, unreadable, notShown }: TopicEvent): string {
  if (notShown !== undefined) return `${counted(bytes, 'byte')}, not shown. ${notShown}`;
  if (unreadable !== undefined) return unreadable;
  const whole =
    data === undefined ? (text ?? (base64 === undefined ? 'no data' : counted(bytes, 'byte'))) : JSON.stringify(data);
  return whole.length > MOST_LETTERS ? `${whole.slice(0, MOST_LETTERS)}…` : whole;
}
