// Tells a person what happens in a running application, one plain line each, with code frames where something is wrong.
import { isDeepStrictEqual } from 'node:util';
import type { RouteView } from '../../admin/route-view.ts';
import type { Snapshot } from '../../resources/catalog/catalog.ts';
import type { ResourceProblem } from '../../resources/resource.ts';
import type { LogLevel } from '../../server/config/log-levels.ts';
import type { Platform } from '../../server/platform.ts';
import type {
  FunctionFailure,
  FunctionLog,
  FunctionReload,
  GatewayLogEntry,
  RequestEntry,
} from '../../server/platform-events.ts';
import { packageVersion } from '../../server/version.ts';
import type { Reporter } from '../application/run-application.ts';
import { isAtLeast } from '../log-level.ts';
import { formatFields, type Level, parseLogLine } from '../log-line.ts';
import { oneLine } from '../output/table.ts';
import { countProblems, formatProblems } from '../problems/format-problems.ts';
import { shortPath } from '../short-path.ts';
import type { Terminal } from '../terminal.ts';
import { failureText } from './failure-text.ts';
import type { LineWriter } from './line-writer.ts';
import { routesText } from './routes-text.ts';
import { safeText } from './safe-text.ts';

const LEVEL_PAINT: Readonly<Record<Level, 'dim' | 'cyan' | 'yellow' | 'red'>> = {
  trace: 'dim',
  debug: 'dim',
  info: 'cyan',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
};

export interface PrettyOptions {
  /** Absolute; paths are shown relative to it. */
  readonly directory: string;
  readonly logLevel: LogLevel;
}

export function createPrettyReporter(options: PrettyOptions, lines: LineWriter, terminal: Terminal): Reporter {
  const { directory } = options;
  const { out } = terminal;
  let platform: Platform | undefined;
  let shownRoutes: readonly RouteView[] = [];
  let ends = false;

  return {
    events: { accepted, refused, functionLog, functionFailed, functionReloaded, gatewayLog, request },
    started,
    stopping: signal => {
      ends = true;
      const again = signal === 'SIGINT' ? ' (Ctrl-C again ends at once)' : '';
      lines.line('tenfold', `stopping: requests in flight may finish${again}`);
    },
    stopped: () => lines.line('tenfold', 'stopped'),
  };

  function started(running: Platform): void {
    platform = running;
    const { addresses } = running;
    lines.line('tenfold', `${out.bold(`Tenfold ${packageVersion}`)} runs ${directory}; Ctrl-C stops it`);
    lines.line('tenfold', `public    ${addresses.public}`);
    for (const [name, address] of Object.entries(addresses.listeners ?? {}))
      lines.line('tenfold', `${name.padEnd(8)}  ${address}`);
    lines.line('tenfold', `internal  ${addresses.internal}`);
    lines.line('tenfold', `admin     ${addresses.admin}`);
    const { current } = running.view.catalog;
    if (current) showRoutes(running);
    else lines.line('resources', out.yellow('nothing serves yet; waiting for the resource files to become valid'));
  }

  function accepted(snapshot: Snapshot): void {
    if (snapshot.warnings.length > 0) lines.line('resources', problemsText(snapshot.warnings));
    if (!platform) return;
    lines.line('resources', out.green('the change is live'));
    if (!isDeepStrictEqual(platform.view.routes(), shownRoutes)) showRoutes(platform);
  }

  function refused(problems: readonly ResourceProblem[]): void {
    lines.line('resources', problemsText(problems));
    const serving = platform?.view.catalog.current !== undefined;
    if (serving) lines.line('resources', 'the change is not live; the version before it keeps serving');
  }

  function showRoutes(running: Platform): void {
    shownRoutes = running.view.routes();
    for (const text of routesText(shownRoutes, running.addresses, out)) lines.line('gateway', text);
  }

  function functionLog(entry: FunctionLog): void {
    const parsed = parseLogLine(entry.text);
    if (!parsed) {
      lines.line(entry.name, safeText(entry.text, out.enabled));
      return;
    }
    if (!isAtLeast(parsed.level, options.logLevel)) return;
    const level = out[LEVEL_PAINT[parsed.level]](parsed.level.padEnd(5));
    const fields =
      Object.keys(parsed.fields).length > 0 ? `  ${out.dim(safeText(formatFields(parsed.fields), false))}` : '';
    const stack = parsed.stack === undefined ? '' : `\n${out.dim(safeText(parsed.stack, false))}`;
    lines.line(entry.name, `${level} ${safeText(parsed.message, false)}${fields}${stack}`, parsed.time);
  }

  function functionFailed(failure: FunctionFailure): void {
    // Ctrl-C in a terminal ends starting processes, too.
    if (ends) return;
    lines.line(failure.name, failureText(failure, terminal));
  }

  function functionReloaded({ name, file, tookMs }: FunctionReload): void {
    lines.line(
      name,
      `${out.green('reloaded')} in ${Math.round(tookMs)} ms ${out.dim(`(${shortPath(file, directory)})`)}`,
    );
  }

  function gatewayLog({ level, message, fields }: GatewayLogEntry): void {
    if (!isAtLeast(level, options.logLevel)) return;
    const details = Object.keys(fields).length > 0 ? `  ${out.dim(safeText(formatFields(fields), false))}` : '';
    lines.line('gateway', `${out[LEVEL_PAINT[level]](level.padEnd(5))} ${safeText(message, false)}${details}`);
  }

  function request({ method, path, status, durationMs, target }: RequestEntry): void {
    const paint = status >= 500 ? out.red : status >= 400 ? out.yellow : out.green;
    const to = target === undefined ? 'no route' : `→ ${target}`;
    const took = durationMs < 10 ? durationMs.toFixed(1) : String(Math.round(durationMs));
    lines.line(
      'gateway',
      `${method} ${oneLine(path)} ${paint(String(status))} ${out.dim(`${took} ms ${oneLine(to)}`)}`,
    );
  }

  function problemsText(problems: readonly ResourceProblem[]): string {
    return `${countProblems(problems)}\n${formatProblems(problems, { style: out, base: terminal.cwd })}`;
  }
}
