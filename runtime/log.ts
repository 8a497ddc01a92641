// Structured log lines: one JSON object each. Written by hand, because loading a logging library
// costs 10 ms of every cold start.
import type { LogLevel } from '../sdk/context.ts';
import type { LogFields, LogSink } from '../sdk/kernel/logger.ts';
import { howToAllow } from './denied.ts';

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const MAX_CAUSES = 5;

export interface ProcessLog extends LogSink {
  /** A line of the process itself, outside any invocation. */
  line(level: LogLevel, message: string, fields?: LogFields): void;
}

/** `write` gets whole lines; `now` is milliseconds since 1970. */
export function createLog(
  threshold: LogLevel,
  bound: LogFields,
  write: (line: string) => void,
  now: () => number,
): ProcessLog {
  const isEnabled = (level: LogLevel) => ORDER[level] >= ORDER[threshold];
  const put = (level: LogLevel, message: string, fields: LogFields | undefined, about: LogFields) => {
    const head = { time: new Date(now()).toISOString(), level, message };
    write(`${toJson({ ...head, ...about, ...fields, ...head })}\n`);
  };
  return {
    isEnabled,
    write: put,
    line: (level, message, fields) => {
      if (isEnabled(level)) put(level, message, fields, bound);
    },
  };
}

/** JSON that never throws: errors with stack and causes, big integers as strings, cycles cut. */
function toJson(record: LogFields): string {
  try {
    return JSON.stringify(record, replace);
  } catch {
    const safe: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(record)) safe[name] = toSafe(value);
    return JSON.stringify(safe, replace);
  }
}

function toSafe(value: unknown): unknown {
  try {
    JSON.stringify(value, replace);
    return value;
  } catch {
    return '[cannot be written as JSON]';
  }
}

function replace(_key: string, value: unknown): unknown {
  if (value instanceof Error) return describe(value, MAX_CAUSES);
  return typeof value === 'bigint' ? value.toString() : value;
}

function describe(error: Error, depth: number): unknown {
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? { code: error.code } : {};
  const because = cause instanceof Error && depth > 0 ? describe(cause, depth - 1) : cause;
  const how = howToAllow(error);
  const next = how === undefined ? {} : { next: how };
  return { name, message, ...code, ...next, stack, ...(because === undefined ? {} : { cause: because }) };
}
