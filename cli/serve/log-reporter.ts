// Logs what happens in a running application as JSON lines, as log collectors want it.

import type { LogLevel } from '../../server/config/log-levels.ts';
import type { ExportedLogs } from '../../server/tracing/exported-logs.ts';
import type { Reporter } from '../application/run-application.ts';
import { isAtLeast } from '../log-level.ts';
import { type Level, parseLogLine } from '../log-line.ts';
import type { Terminal } from '../terminal.ts';

/** `exported`: gets each line that is printed, too. */
export function createLogReporter(
  terminal: Pick<Terminal, 'print'>,
  logLevel: LogLevel,
  now: () => Date,
  exported?: ExportedLogs,
): Reporter {
  const wanted = (level: Level) => isAtLeast(level, logLevel);
  /**
   * Lines of requests, written once per turn of the event loop, which saves a system call for each.
   */
  let waiting = '';
  const flush = () => {
    if (waiting === '') return;
    const lines = waiting;
    waiting = '';
    terminal.print(lines);
  };
  const print = (line: string) => {
    flush();
    terminal.print(line);
  };
  const toLine = (level: Level, message: string, fields: object) =>
    JSON.stringify({ time: now().toISOString(), level, name: 'tenfold', message, ...fields });
  const log = (level: Level, message: string, fields: object = {}) => {
    if (!wanted(level)) return;
    print(toLine(level, message, fields));
    exported?.add({ level, message, fields });
  };
  const logSoon = (level: Level, message: string, fields: object) => {
    if (!wanted(level)) return;
    const line = toLine(level, message, fields);
    exported?.add({ level, message, fields });
    if (waiting === '') setImmediate(flush);
    waiting = waiting === '' ? line : `${waiting}\n${line}`;
  };
  return {
    events: {
      accepted: ({ generation, resources, warnings }, consumersRun) => {
        for (const warning of warnings) log('warn', warning.message, { problem: warning });
        const starting = consumersRun ? {} : { consumers: 'starting' };
        log('info', 'resources are in force', { generation, resources: resources.all.length, ...starting });
      },
      refused: problems => {
        for (const found of problems)
          log(found.severity === 'error' ? 'error' : 'warn', found.message, { problem: found });
      },
      // Lines of the SDK are structured already.
      functionLog: ({ namespace, name, stream, text }) => {
        const line = parseLogLine(text);
        const level = line?.level ?? (stream === 'stderr' ? 'warn' : 'info');
        if (!wanted(level)) return;
        const fields = { function: name, namespace, stream };
        print(line ? text : toLine(level, text, fields));
        const { message = text, stack, trace, span } = line ?? {};
        const own = { ...(line?.fields ?? fields), trace, span, stack };
        exported?.add({ level, message, fields: own, service: { namespace, name } });
      },
      functionFailed: ({ name, message, ...rest }) => log('error', message, { function: name, ...rest }),
      functionReloaded: ({ name, ...rest }) => log('info', 'reloaded', { function: name, ...rest }),
      gatewayLog: ({ level, message, fields }) => log(level, message, fields),
      request: ({ level, ...entry }) => logSoon(level, 'request', entry),
    },
    // A log keeps no codes: whoever reads it later is not to be let in by it.
    started: ({ addresses }) => log('info', 'listening', { addresses, console: `${addresses.admin}/console/` }),
    stopping: signal => log('info', 'stopping', { signal }),
    stopped: () => log('info', 'stopped'),
  };
}
