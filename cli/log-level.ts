// The option for the least important level of log lines that is printed.
import { Option } from '@commander-js/extra-typings';
import { LOG_LEVELS, type LogLevel } from '../server/config/log-levels.ts';

export function isAtLeast(level: LogLevel, wanted: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(wanted);
}

export function logLevelOption() {
  return new Option('--log-level <LEVEL>', 'least important level that is printed (info)').choices(LOG_LEVELS);
}
