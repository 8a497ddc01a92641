// Starts an instance as a child process that runs the function runtime and
// reports over the IPC channel.
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { type LineSplitter, splitLines } from '../../../core/split-lines.ts';
import type { World } from '../../../core/world.ts';
import type { FunctionDefinition } from '../function-host.ts';
import type { DebugPort, DebugSeat } from './debug/debug-port.ts';
import { type EnvironmentSources, functionEnvironment } from './function-environment.ts';
import { parseHostMessage } from './host-message.ts';
import type { InstanceListener, Launcher, LoadFailure, LocalInstance } from './instance.ts';

/**
 * How to start the function runtime: the program and its arguments before the function's module.
 */
export interface RuntimeCommand {
  readonly program: string;
  readonly args: readonly string[];
}

export interface ProcessLauncherOptions {
  readonly world: World;
  readonly runtime: RuntimeCommand;
  readonly environment: EnvironmentSources;
  /** The permissions of the process, read anew for each start. */
  flags(): readonly string[];
  /** Longest time from spawn to ready, milliseconds. */
  readonly startTimeoutMs: number;
  /** The port at which debuggers find it; undefined where none can. */
  readonly debugPort?: Pick<DebugPort, 'seat'> | undefined;
  log(stream: 'stdout' | 'stderr', text: string): void;
}

/** Longest line of a function's output that is passed on whole, characters. */
const MAX_LINE = 65_536;

export function createProcessLauncher(definition: FunctionDefinition, options: ProcessLauncherOptions): Launcher {
  return listener => {
    try {
      return supervise(startRuntime(definition, options), listener, options);
    } catch (error) {
      return neverStarted(error, listener, options);
    }
  };
}

/**
 * `more`: arguments of the runtime after the function's module. Throws what Node does not report
 * later.
 */
export function startRuntime(
  definition: FunctionDefinition,
  options: Pick<ProcessLauncherOptions, 'runtime' | 'environment' | 'flags'>,
  more: readonly string[] = [],
): ChildProcess {
  if (definition.run.by !== 'source') throw new TypeError(`function ${definition.name} has no source to run`);
  const { file } = definition.run;
  const { program, args } = options.runtime;
  return spawn(program, [...options.flags(), ...args, file, ...more], {
    cwd: dirname(file),
    env: functionEnvironment(definition, options.environment),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

/**
 * Some errors Node throws at once, and others it reports later: to whoever listens they are alike.
 */
function neverStarted(error: unknown, listener: InstanceListener, { world }: ProcessLauncherOptions): LocalInstance {
  const reason = error instanceof Error ? error.message : String(error);
  const tooLarge = error instanceof Error && 'code' in error && error.code === 'E2BIG';
  const why = tooLarge ? `${reason}: the system takes no \`env\` and \`permissions\` as large as these` : reason;
  world.after(0, () => {
    listener.failed({ message: `the process cannot be started (${why})` });
    listener.exited(reason);
  });
  return { stop() {} };
}

function supervise(child: ChildProcess, listener: InstanceListener, options: ProcessLauncherOptions) {
  const { world, startTimeoutMs } = options;
  let settled = false;
  let gone = false;
  let seat: DebugSeat | undefined;
  const out = splitLines(MAX_LINE, text => options.log('stdout', text));
  const err = splitLines(MAX_LINE, text => options.log('stderr', text));
  pipeText(child.stdout, out);
  pipeText(child.stderr, err);

  const fail = (failure: LoadFailure) => {
    if (settled) return;
    settled = true;
    startTimer.cancel();
    listener.failed(failure);
  };
  const leave = (reason: string) => {
    if (gone) return;
    gone = true;
    seat?.leave();
    out.end();
    err.end();
    fail({ message: `the process ended before it was ready (${reason})` });
    listener.exited(reason);
  };
  const startTimer = world.after(startTimeoutMs, () => {
    fail({ message: `the process was not ready within ${startTimeoutMs} ms` });
    child.kill('SIGKILL');
  });

  child.on('message', said => {
    const message = parseHostMessage(said);
    if (message === undefined) return;
    if (message.type === 'debugger') {
      // The runtime says it before the function's own code can.
      seat ??= options.debugPort?.seat(message.port);
      return;
    }
    // Only one that is asked for routes says them.
    if (message.type === 'described') return;
    if (message.type === 'failed') {
      listener.loaded(message.files);
      fail(message.error);
      return;
    }
    listener.loaded(message.files);
    if (message.type !== 'ready' || settled) return;
    settled = true;
    startTimer.cancel();
    listener.ready(`http://127.0.0.1:${message.port}`);
  });
  child.on('error', error => leave(error.message));
  // 'close', not 'exit': the last lines of output have been read by then.
  child.on('close', (code, signal) => leave(signal ? `signal ${signal}` : `exit code ${code}`));

  return {
    stop(graceMs: number) {
      if (gone) return;
      settled = true;
      startTimer.cancel();
      // One that a debugger holds neither hears the signal nor ends.
      seat?.leave();
      child.kill('SIGTERM');
      const kill = world.after(graceMs, () => child.kill('SIGKILL'));
      child.once('close', () => kill.cancel());
    },
  };
}

function pipeText(stream: NodeJS.ReadableStream | null, lines: LineSplitter): void {
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => lines.push(text));
}
