// Levels of log lines, from the least important to none at all.
import { Option } from '@commander-js/extra-typings';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export function isAtLeast(level: LogLevel, wanted: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(wanted);
}

export function logLevelOption<const L extends LogLevel>(standard: L) {
  return new Option('--log-level <LEVEL>', 'least important level that is printed')
    .choices(LOG_LEVELS)
    .default(standard as LogLevel);
}
