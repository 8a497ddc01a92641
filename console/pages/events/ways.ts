// Tells which names a text can be, in the order in which they are tried.
import { parseJobId } from '../../../core/jobs/job-id.ts';

export type Way = 'job' | 'trace' | 'id' | 'key';

const TRACE = /^[0-9a-f]{32}$/;

export function waysOf(text: string): readonly Way[] {
  const first: Way[] = parseJobId(text) ? ['job'] : TRACE.test(text) ? ['trace'] : [];
  return [...first, 'id', 'key'];
}
