// Events of a topic, and answers of the admin API with them, for tests of the command line.
import type { TopicEvent, TopicEventPage, TopicLine } from '../../../admin/topic-view.ts';

export const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

export function fakeTopicEvent(offset: number, more: Partial<TopicEvent> = {}): TopicEvent {
  return {
    partition: 3,
    offset,
    appendedAt: '2026-11-25T00:00:00.000Z',
    key: 'table-7',
    id: `e${offset}`,
    type: 'OrderCreated',
    source: '/shop',
    contentType: 'application/json',
    data: { cups: offset },
    bytes: 10,
    ...more,
  };
}
export const hostile = fakeTopicEvent(8, {
  key: 'k\u001b[2J',
  type: 'T\u009b31m',
  data: { note: 'a\u001b]0;x\u0007\u009b2Jb\n' },
});
export const large = fakeTopicEvent(9, { data: undefined, text: '"xxxx', bytes: 1_000_004, truncated: true });
export const image = fakeTopicEvent(10, {
  data: undefined,
  base64: 'AAE=',
  contentType: 'image/png',
  bytes: 2,
  key: null,
});
export const broken = fakeTopicEvent(11, {
  data: undefined,
  text: '{',
  bytes: 1,
  unreadable: 'data is not valid JSON.',
});

export const pageOf = (items: readonly TopicEvent[], more: Partial<TopicEventPage> = {}): TopicEventPage => ({
  items,
  ended: 'end',
  position: 'at_end',
  progress: { done: 40, total: 40 },
  scanned: items.length,
  ...more,
});
export const at = (position: string, more: object = {}): TopicLine => ({
  kind: 'at',
  at: '2026-11-25T00:00:00.000Z',
  position,
  progress: { done: 0, total: 0 },
  scanned: 0,
  ...more,
});
export const lineOf = (event: TopicEvent): TopicLine => ({ kind: 'event', event });
export const orders = {
  namespace: 'default',
  name: 'orders',
  topic: 'default.orders',
  there: true,
  partitions: 6,
  events: 9,
  appended: 1,
};
