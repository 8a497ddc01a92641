// One line of the data: a CloudEvent, published as it is.

export interface SocialEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly type: string;
  readonly source: '/social/data';
  readonly subject: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const BEGIN = Date.parse('2026-03-01T08:00:00Z');

/** `second`: when it happened, from the beginning of the data on. */
export function toEvent(
  type: string,
  id: string,
  subject: string,
  second: number,
  data: SocialEvent['data'],
): SocialEvent {
  const time = new Date(BEGIN + second * 1000).toISOString();
  return { specversion: '1.0', id, type, source: '/social/data', subject, time, data };
}
