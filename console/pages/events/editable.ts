// The data of an event as a text that a person can change in a page, where that is possible.
import type { TopicEvent } from '../../../admin/topic-view.ts';

export interface Editable {
  /** Undefined where a page cannot change them. */
  readonly text: string | undefined;
  /** Why not, for people. */
  readonly why?: string;
  readonly isJson: boolean;
}

export function editable({ data, text, base64, bytes, truncated, notShown }: TopicEvent): Editable {
  const not = (why: string) => ({
    text: undefined,
    why: `${why} It goes as it was, or edit it with tenfold topics resend --edit.`,
    isJson: false,
  });
  if (notShown !== undefined) return not(`The data are not shown. ${notShown}`);
  if (truncated) return not(`The data have ${bytes} bytes, more than this page shows.`);
  if (base64 !== undefined) return not('The data are no text.');
  if (data === undefined) return { text: text ?? '', isJson: false };
  if (hasInexact(data)) return not('The data have a number that a browser cannot keep exactly.');
  return { text: JSON.stringify(data, null, 2), isJson: true };
}

/** A whole number beyond 2^53: the last digits were lost when it was read. */
function hasInexact(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInexact);
}
