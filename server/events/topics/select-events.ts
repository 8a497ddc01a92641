// Decides which events of a topic a person has asked for.
import type { TopicSelection } from '../../../admin/topic-view.ts';
import { topicLimits } from '../../../admin/topic-view.ts';
import { faultOf, shiftFault } from '../../../core/cel/fault.ts';
import { idOfRecord } from '../../../core/cloudevents/record-names.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import { compileFilter } from '../../../worker/plan/record-expressions.ts';
import type { RecordMasker } from '../masking/mask-record.ts';

/** Throws where the filter cannot decide, as it does for a Subscription. */
export type Selects = (record: LogRecord) => boolean;

/**
 * Throws `invalid-expression`, or `bad-request` for a filter that is too long. A filter sees the
 * event as people do: otherwise they could ask it for what `mask` hides.
 */
export function compileSelection({ filter, key, id }: TopicSelection, mask: () => RecordMasker | undefined): Selects {
  const decides = filter === undefined ? undefined : compile(filter);
  const holds = decides && ((record: LogRecord) => decides(mask()?.show(record).record ?? record));
  return record =>
    (key === undefined || record.key === key) &&
    (id === undefined || idOfRecord(record) === id) &&
    (holds === undefined || holds(record));
}

/** On a command line nobody has to write the braces. */
function compile(filter: string): Selects {
  if (filter.length > topicLimits.filter) {
    throw new TenfoldError('bad-request', `A filter has at most ${topicLimits.filter} characters.`);
  }
  if (filter.trimStart().startsWith('${')) return compileFilter(filter);
  try {
    return compileFilter(`\${${filter}}`);
  } catch (error) {
    const fault = faultOf(error);
    throw fault && error instanceof Error ? shiftFault(quoted(filter), fault, -2) : error;
  }
}

function quoted(filter: string): string {
  return filter.length > 80 ? `"${filter.slice(0, 79)}…"` : `"${filter}"`;
}
