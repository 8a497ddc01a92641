// An event as the admin API shows it: its attributes and data, as far as they can be shown.
import { toJsonFormat } from '../../../core/cloudevents/encode.ts';
import { fromRecord } from '../../../core/cloudevents/record.ts';
import type { LogRecord } from '../../../drivers/event-log/event-log.ts';
import type { RecordMasker } from '../masking/mask-record.ts';

export interface ShownEvent {
  /** In the JSON format of CloudEvents; undefined where the record is none, or is large. */
  readonly event: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: { readonly text: string } | { readonly bytes: number };
  readonly masked?: number;
  readonly notShown?: string;
}

const MAX_SHOWN_BYTES = 256 * 1024;

/** `mask`: the masker of a consumer whose events have sensitive fields. */
export function toShownEvent(record: LogRecord, mask: RecordMasker | undefined): ShownEvent {
  const { length: bytes } = record.value;
  const { record: shown, ...how } = mask === undefined || bytes > MAX_SHOWN_BYTES ? { record } : mask.show(record);
  const isHidden = 'notShown' in how;
  return { event: eventOf(shown), headers: shown.headers, data: isHidden ? { bytes } : dataOf(shown.value), ...how };
}

function eventOf(record: LogRecord): unknown {
  if (record.value.length > MAX_SHOWN_BYTES) return undefined;
  try {
    return toJsonFormat(fromRecord(record));
  } catch {
    return undefined;
  }
}

function dataOf(value: Uint8Array): ShownEvent['data'] {
  if (value.length > MAX_SHOWN_BYTES) return { bytes: value.length };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(value) };
  } catch {
    return { bytes: value.length };
  }
}
