// Levels of log lines, from the least important to none at all.

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Functions know fewer levels than a log may have. */
export function toFunctionLevel(level: LogLevel): 'debug' | 'info' | 'warn' | 'error' {
  if (level === 'trace') return 'debug';
  return level === 'fatal' || level === 'silent' ? 'error' : level;
}
