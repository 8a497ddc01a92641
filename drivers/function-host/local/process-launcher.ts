// Starts an instance as a child process that runs the function runtime and reports over the IPC channel.
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { type LineSplitter, splitLines } from '../../../core/split-lines.ts';
import type { World } from '../../../core/world.ts';
import type { FunctionDefinition } from '../function-host.ts';
import type { InstanceListener, Launcher, LoadFailure } from './instance.ts';

/** How to start the function runtime: the program and its arguments before the function's module. */
export interface RuntimeCommand {
  readonly program: string;
  readonly args: readonly string[];
}

export interface ProcessLauncherOptions {
  readonly world: World;
  readonly runtime: RuntimeCommand;
  /** Variables for every function, e.g. the internal door's address and key. */
  readonly env: Readonly<Record<string, string>>;
  /** Longest time from spawn to ready, milliseconds. */
  readonly startTimeoutMs: number;
  log(stream: 'stdout' | 'stderr', text: string): void;
}

type Message =
  | { readonly type: 'ready'; readonly port: number; readonly files: readonly string[] }
  | { readonly type: 'files'; readonly files: readonly string[] }
  | { readonly type: 'failed'; readonly error: LoadFailure & { readonly files?: readonly string[] } };

/** Longest line of a function's output that is passed on whole, characters. */
const MAX_LINE = 65_536;

export function createProcessLauncher(definition: FunctionDefinition, options: ProcessLauncherOptions): Launcher {
  if (definition.run.by !== 'source') throw new TypeError(`function ${definition.name} has no source to run`);
  const { file } = definition.run;
  return listener => {
    const child = spawn(options.runtime.program, [...options.runtime.args, file], {
      cwd: dirname(file),
      env: { ...inheritedEnvironment(), ...options.env, ...definition.env, ...runtimeEnvironment(definition) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return supervise(child, listener, options);
  };
}

function supervise(child: ChildProcess, listener: InstanceListener, options: ProcessLauncherOptions) {
  const { world, startTimeoutMs } = options;
  let settled = false;
  let gone = false;
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
    out.end();
    err.end();
    fail({ message: `the process ended before it was ready (${reason})` });
    listener.exited(reason);
  };
  const startTimer = world.after(startTimeoutMs, () => {
    fail({ message: `the process was not ready within ${startTimeoutMs} ms` });
    child.kill('SIGKILL');
  });

  child.on('message', (message: Message) => {
    if (message.type === 'failed') {
      if (message.error.files) listener.loaded(message.error.files);
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

/** What the developer's shell has, without what would configure our own runtime or debugger by accident. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!name.startsWith('TENFOLD_') && name !== 'NODE_OPTIONS' && name !== 'PORT') env[name] = value;
  }
  return env;
}

function runtimeEnvironment(definition: FunctionDefinition): Record<string, string> {
  return {
    PORT: '0',
    TENFOLD_HOST: '127.0.0.1',
    TENFOLD_FUNCTION_NAME: definition.name,
    TENFOLD_TIMEOUT_MS: String(definition.timeoutMs),
    TENFOLD_CONCURRENCY: String(definition.concurrency),
    TENFOLD_MAX_BODY: String(definition.maxBodyBytes),
  };
}
