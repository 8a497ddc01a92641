// Reads one line that a function wrote: a JSON log line of the SDK, or anything else.

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface LogLine {
  readonly time: Date | undefined;
  readonly level: Level;
  readonly message: string;
  /** The other fields of the line, in its order. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly stack: string | undefined;
  readonly trace: string | undefined;
  readonly span: string | undefined;
}

const LEVELS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
/** Said already by the column of names, or of use to programs only. */
const NOT_SHOWN = new Set(['function', 'namespace', 'pid', 'hostname', 'trace', 'span']);

/** The parts of a JSON log line, or undefined for a raw line. */
export function parseLogLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof entry !== 'object' || entry === null) return undefined;
  const {
    time,
    level,
    message,
    msg,
    error,
    err = error,
    stack = stackOf(err),
    ...rest
  } = entry as Record<string, unknown>;
  const said = message ?? msg;
  const parsedLevel = toLevel(level);
  if (parsedLevel === undefined || typeof said !== 'string') return undefined;
  const shown = Object.entries(rest).filter(([name]) => !NOT_SHOWN.has(name));
  const fields = Object.fromEntries(stack === undefined && err !== undefined ? [...shown, ['error', err]] : shown);
  return {
    time: toTime(time),
    level: parsedLevel,
    message: said,
    fields,
    stack: typeof stack === 'string' ? stack : undefined,
    trace: typeof rest['trace'] === 'string' ? rest['trace'] : undefined,
    span: typeof rest['span'] === 'string' ? rest['span'] : undefined,
  };
}

/** Errors are written as objects; their stack says all that the rest does. */
function stackOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'stack' in error ? error.stack : undefined;
}

/** pino writes levels as 10, 20, … 60. */
function toLevel(level: unknown): Level | undefined {
  if (typeof level === 'number') return LEVELS[Math.min(Math.max(Math.floor(level / 10) - 1, 0), LEVELS.length - 1)];
  return LEVELS.find(each => each === level);
}

function toTime(time: unknown): Date | undefined {
  if (typeof time !== 'string' && typeof time !== 'number') return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** `id=17 note="two words" order={"a":1}`: bare where that is clear, JSON otherwise. */
export function formatFields(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${formatValue(value)}`)
    .join(' ');
}

function formatValue(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"'={}[\]\\]+$/.test(value)) return value;
  return JSON.stringify(value) ?? 'undefined';
}
