// The lines that a Function wrote, as a page shows them: those of its context apart from others.
import type { FunctionLine, FunctionLines } from '../../../../admin/asking/ask-view.ts';
import type { Tone } from '../../../parts/tone.ts';

/** A page with more would be slow, and nobody reads it. */
export const MOST_LINES = 500;

export interface ShownLine {
  readonly at: string;
  readonly tone: Tone;
  /** `info`, or where the line is no JSON, the stream that it came by. */
  readonly level: string;
  readonly message: string;
  /** The other fields of the line; undefined where there are none. */
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

const TONES: Readonly<Record<string, Tone>> = { error: 'bad', warn: 'warn', info: 'busy', stderr: 'warn' };

export function shownLine({ at, stream, text }: FunctionLine): ShownLine {
  const { time, level, message, ...fields } = recordOf(text);
  if (typeof level !== 'string' || typeof message !== 'string')
    return { at, tone: TONES[stream] ?? 'quiet', level: stream, message: text, fields: undefined };
  return {
    at: typeof time === 'string' ? time : at,
    tone: TONES[level] ?? 'quiet',
    level,
    message,
    fields: Object.keys(fields).length === 0 ? undefined : fields,
  };
}

/** An earlier answer with the lines that came since. The oldest beyond the most go, counted. */
export function joinLines(before: FunctionLines | undefined, came: FunctionLines): FunctionLines {
  if (before === undefined || !came.kept) return came;
  const all = [...before.items, ...came.items];
  const items = all.slice(-MOST_LINES);
  return { ...came, items, earlier: before.earlier + all.length - items.length };
}

function recordOf(text: string): Readonly<Record<string, unknown>> {
  if (!text.startsWith('{')) return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
