// W3C Trace Context: reads `tracestate`, in which tracing systems keep what is theirs
// (https://www.w3.org/TR/trace-context/#tracestate-header). We pass it on and add nothing.
import { parseTraceparent, type TraceContext, traceOfRecord } from '../trace-context.ts';

const MOST_MEMBERS = 32;
const MOST_CHARACTERS = 512;
const KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
/** Printable ASCII but `,` and `=`, and no space at the end. */
const VALUE = /^[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/**
 * The members with one comma between them. Undefined where there are none, and where one is
 * malformed, there twice or one too many: half of it would mislead.
 */
export function readTracestate(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const members = text.split(',').flatMap(part => trimmed(part) || []);
  const state = members.join(',');
  if (members.length === 0 || members.length > MOST_MEMBERS || state.length > MOST_CHARACTERS) return undefined;
  const keys = new Set<string>();
  for (const member of members) {
    const at = member.indexOf('=');
    const key = member.slice(0, Math.max(0, at));
    if (!KEY.test(key) || !VALUE.test(member.slice(at + 1)) || keys.has(key)) return undefined;
    keys.add(key);
  }
  return state;
}

/**
 * Without the optional white space of HTTP, which is none of a value. A regular expression for its
 * end would look at a long run of it again from each of its characters.
 */
function trimmed(part: string): string {
  let [from, end] = [0, part.length];
  while (from < end && isSpace(part.charCodeAt(from))) from++;
  while (end > from && isSpace(part.charCodeAt(end - 1))) end--;
  return part.slice(from, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Undefined beside a `traceparent` that is none: it means nothing there. */
export function tracestateBeside(traceparent: string | undefined, text: string | undefined): string | undefined {
  return text === undefined || parseTraceparent(traceparent) === undefined ? undefined : readTracestate(text);
}

interface WithHeaders {
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * It stands where `traceOfRecord` finds the trace. The agent of OpenTelemetry for Java writes it as
 * a header of the record, too.
 */
export function tracestateOfRecord({ headers }: WithHeaders): string | undefined {
  return headers['traceparent'] === undefined
    ? tracestateBeside(headers['ce_traceparent'], headers['ce_tracestate'])
    : tracestateBeside(headers['traceparent'], headers['tracestate']);
}

/** The context in which spans about a record begin. */
export function contextOfRecord(record: WithHeaders): TraceContext | undefined {
  const trace = traceOfRecord(record);
  return trace && { ...trace, tracestate: tracestateOfRecord(record) };
}

/** For a call about a record: name and value, or none. */
export function tracestateField(record: WithHeaders): readonly string[] {
  const state = tracestateOfRecord(record);
  return state === undefined ? [] : ['tracestate', state];
}
