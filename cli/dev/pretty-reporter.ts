// Tells a person what happens in a running application, one plain line each, with code frames
// where something is wrong.
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
import { formatFields, type Level, type LogLine, parseLogLine } from '../log-line.ts';
import { oneLine } from '../output/table.ts';
import { countProblems, formatProblems, readText } from '../problems/format-problems.ts';
import { shortPath } from '../short-path.ts';
import type { Terminal } from '../terminal.ts';
import { errorText } from './error-text.ts';
import { failureText } from './failure-text.ts';
import type { LineWriter } from './line-writer.ts';
import { routesText } from './routes-text.ts';
import { safeText } from './safe-text.ts';
import { ToldErrors, withoutTold } from './told-errors.ts';

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
  return new PrettyReporter(options, lines, terminal);
}

class PrettyReporter implements Reporter {
  readonly events: Reporter['events'] = {
    accepted: (snapshot, consumersRun) => this.#accepted(snapshot, consumersRun),
    refused: problems => this.#refused(problems),
    functionLog: entry => this.#functionLog(entry),
    functionFailed: failure => this.#functionFailed(failure),
    functionReloaded: reload => this.#functionReloaded(reload),
    functionInspected: ({ name, address }) => this.#lines.line(name, `a debugger can attach at ${address}`),
    gatewayLog: entry => this.#gatewayLog(entry),
    request: entry => this.#request(entry),
  };
  readonly #options: PrettyOptions;
  readonly #lines: LineWriter;
  readonly #terminal: Terminal;
  #platform: Platform | undefined;
  #shownRoutes: readonly RouteView[] = [];
  readonly #told = new ToldErrors();
  #isStopping = false;

  constructor(options: PrettyOptions, lines: LineWriter, terminal: Terminal) {
    this.#options = options;
    this.#lines = lines;
    this.#terminal = terminal;
  }

  started(platform: Platform): void {
    this.#platform = platform;
    const { addresses } = platform;
    const { out } = this.#terminal;
    this.#say(`${out.bold(`Tenfold ${packageVersion}`)} runs ${this.#options.directory}; Ctrl-C stops it`);
    this.#say(`public    ${addresses.public}`);
    for (const [name, address] of Object.entries(addresses.listeners ?? {})) this.#say(`${name.padEnd(8)}  ${address}`);
    this.#say(`internal  ${addresses.internal}`);
    this.#say(`admin     ${addresses.admin}`);
    this.#say(`console   ${platform.openConsole()}`);
    this.#say(`docs      ${addresses.admin}/docs/`);
    if (platform.view.catalog.current) this.#showRoutes(platform);
    else
      this.#lines.line('resources', out.yellow('nothing serves yet; waiting for the resource files to become valid'));
  }

  stopping(signal: string): void {
    this.#isStopping = true;
    const again = signal === 'SIGINT' ? ' (Ctrl-C again ends at once)' : '';
    this.#say(`stopping: requests in flight may finish${again}`);
  }

  stopped(): void {
    this.#say('stopped');
  }

  #say(text: string): void {
    this.#lines.line('tenfold', text);
  }

  #accepted(snapshot: Snapshot, consumersRun: boolean): void {
    if (snapshot.warnings.length > 0) this.#showProblems(snapshot.warnings);
    const platform = this.#platform;
    if (!platform || this.#isStopping) return;
    const starting = consumersRun ? '' : '; its consumers are still starting';
    this.#lines.line('resources', this.#terminal.out.green(`the change is live${starting}`));
    if (!isDeepStrictEqual(platform.view.routes(), this.#shownRoutes)) this.#showRoutes(platform);
  }

  #refused(problems: readonly ResourceProblem[]): void {
    this.#showProblems(problems);
    const serving = this.#platform?.view.catalog.current !== undefined;
    if (serving) this.#lines.line('resources', 'the change is not live; the version before it keeps serving');
  }

  #showProblems(problems: readonly ResourceProblem[]): void {
    const { out, cwd } = this.#terminal;
    this.#lines.line('resources', `${countProblems(problems)}\n${formatProblems(problems, { style: out, base: cwd })}`);
  }

  #showRoutes({ view, addresses }: Platform): void {
    this.#shownRoutes = view.routes();
    for (const text of routesText(this.#shownRoutes, addresses, this.#terminal.out)) this.#lines.line('gateway', text);
  }

  #functionLog(entry: FunctionLog): void {
    const { out } = this.#terminal;
    const parsed = parseLogLine(entry.text);
    if (!parsed) {
      this.#lines.line(entry.name, safeText(entry.text, out.enabled));
      return;
    }
    if (!isAtLeast(parsed.level, this.#options.logLevel)) return;
    const { stack, trace, fields } = parsed;
    if (stack === undefined) {
      this.#lines.line(entry.name, this.#logText(parsed), parsed.time);
      return;
    }
    const again = this.#told.isAgain(entry.name, parsed);
    const text = again
      ? out.dim(safeText(`${stack.split('\n', 1)[0]} (again; its stack is above)`, false))
      : errorText(stack, { style: out, directory: this.#options.directory, cwd: this.#terminal.cwd, read: readText });
    // By the trace of an answer one finds why it was no success.
    const about = trace === undefined ? parsed : { ...parsed, fields: { ...fields, trace } };
    this.#lines.line(entry.name, `${this.#logText(about)}\n${text}`, parsed.time);
  }

  #functionFailed(failure: FunctionFailure): void {
    // Ctrl-C in a terminal ends starting processes, too.
    if (this.#isStopping) return;
    this.#lines.line(failure.name, failureText(failure, this.#terminal));
  }

  #functionReloaded({ name, file, tookMs }: FunctionReload): void {
    const { out } = this.#terminal;
    const place = out.dim(`(${shortPath(file, this.#options.directory)})`);
    this.#lines.line(name, `${out.green('reloaded')} in ${Math.round(tookMs)} ms ${place}`);
  }

  #gatewayLog(entry: GatewayLogEntry): void {
    if (isAtLeast(entry.level, this.#options.logLevel)) {
      this.#lines.line('gateway', this.#logText({ ...entry, fields: withoutTold(entry.fields) }));
    }
  }

  #logText({ level, message, fields }: Pick<LogLine, 'level' | 'message' | 'fields'>): string {
    const { out } = this.#terminal;
    const details = Object.keys(fields).length > 0 ? `  ${out.dim(safeText(formatFields(fields), false))}` : '';
    return `${out[LEVEL_PAINT[level]](level.padEnd(5))} ${safeText(message, false)}${details}`;
  }

  #request({ method, path, status, durationMs, target, reason, cause }: RequestEntry): void {
    const { out } = this.#terminal;
    const paint = status >= 500 ? out.red : status >= 400 ? out.yellow : out.green;
    const to = target === undefined ? 'no route' : `→ ${target}`;
    const took = durationMs < 10 ? durationMs.toFixed(1) : String(Math.round(durationMs));
    const why = cause === undefined ? '' : ` ${reason}: ${oneLine(cause)}`;
    this.#lines.line(
      'gateway',
      `${method} ${oneLine(path)} ${paint(String(status))} ${out.dim(`${took} ms ${oneLine(to)}${why}`)}`,
    );
  }
}
