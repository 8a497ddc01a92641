// The logger of a context: level and fields here, where the line goes is the host's business.
import type { Logger, LogLevel } from '../context.ts';

export type LogFields = Readonly<Record<string, unknown>>;

export interface LogSink {
  isEnabled(level: LogLevel): boolean;
  /** `fields` are the user's; `bound` are those of the invocation (function, trace). */
  write(level: LogLevel, message: string, fields: LogFields | undefined, bound: LogFields): void;
}

export function createLogger(sink: LogSink, bound: LogFields): Logger {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (sink.isEnabled(level)) sink.write(level, message, fields, bound);
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: fields => createLogger(sink, { ...bound, ...fields }),
  };
}
