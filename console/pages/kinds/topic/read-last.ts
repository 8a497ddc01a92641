// Reads the newest events of a Topic that match, and then the end of the answer.
import type { TopicLine } from '../../../../admin/topic-view.ts';
import { ApiError } from '../../../api/ask.ts';
import { askLines } from '../../../api/ask-lines.ts';
import { endpoints } from '../../../api/endpoints.ts';

/** So many at most. */
export const LAST = 50;
const DATA_BYTES = 2_048;
const PATIENCE_MS = 20_000;

interface Chosen {
  readonly key?: string;
  readonly filter?: string;
}

export async function readLast(
  params: { readonly namespace: string; readonly name: string },
  chosen: Chosen,
  signal: AbortSignal,
): Promise<readonly TopicLine[]> {
  const ends = AbortSignal.timeout(PATIENCE_MS);
  const body = { last: LAST, follow: false, dataBytes: DATA_BYTES, ...chosen } as const;
  const lines: TopicLine[] = [];
  try {
    for await (const line of askLines(endpoints.lastEvents, { params, body }, AbortSignal.any([signal, ends]))) {
      if (line.kind === 'failed') throw new ApiError(line.message, 200);
      lines.push(line);
    }
  } catch (error) {
    if (signal.aborted || !ends.aborted) throw error;
    throw new ApiError('No answer came in 20 s. Ask for fewer events, by a key or a narrower filter.', 0);
  }
  return lines;
}
