// Picks how `tenfold dev` tells what happens.

import type { LogLevel } from '../../server/config/log-levels.ts';
import type { Reporter } from '../application/run-application.ts';
import type { Terminal } from '../terminal.ts';
import { createJsonReporter } from './json-reporter.ts';
import { createLineWriter } from './line-writer.ts';
import { createPrettyReporter } from './pretty-reporter.ts';

export interface DevOutput {
  readonly output: string;
  readonly logLevel: LogLevel;
}

export function createReporter(options: DevOutput, directory: string, terminal: Terminal): Reporter {
  const now = () => new Date();
  if (options.output === 'json') return createJsonReporter(terminal, now);
  return createPrettyReporter({ directory, logLevel: options.logLevel }, createLineWriter(terminal, now), terminal);
}
