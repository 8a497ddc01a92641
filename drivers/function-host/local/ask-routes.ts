// Asks one process for the routes that the code of several functions has, without a call.
import type { FunctionDefinition } from '../function-host.ts';
import { runtimeEnvironment } from './function-environment.ts';
import { parseHostMessage } from './host-message.ts';
import { type ProcessLauncherOptions, startRuntime } from './process-launcher.ts';

export type AskRoutesOptions = Pick<ProcessLauncherOptions, 'world' | 'runtime' | 'environment' | 'flags'> & {
  /** Longest time for each of them, with the start of the process for the first. */
  readonly timeoutMs: number;
};

export interface RoutesAnswer {
  /** Whether it loads where it is alone; undefined where others may have kept it from that. */
  readonly loads: boolean | undefined;
  /** Undefined where nobody can say: it has one handler for all paths, or does not load. */
  readonly routes?: readonly string[] | undefined;
}

/**
 * The answers have the order of the functions, which have the same variables and permissions. The
 * first of a process is as good as alone. One that ends the process, or takes longer than
 * `timeoutMs`, costs the others a new process, and has no say in what they answer.
 */
export async function askRoutes(
  definitions: readonly FunctionDefinition[],
  options: AskRoutesOptions,
): Promise<readonly RoutesAnswer[]> {
  const answers: RoutesAnswer[] = [];
  while (answers.length < definitions.length) {
    const asked = definitions.slice(answers.length);
    const said = await askProcess(asked, options);
    // The next one ended the process.
    if (said.length < asked.length) said.push({ loads: false });
    answers.push(...said.map((answer, index) => (answer.loads || index === 0 ? answer : { loads: undefined })));
  }
  return answers;
}

/** As many answers as there were before the process ended. */
function askProcess(definitions: readonly FunctionDefinition[], options: AskRoutesOptions): Promise<RoutesAnswer[]> {
  const { world, timeoutMs } = options;
  return new Promise(resolve => {
    const answers: RoutesAnswer[] = [];
    const child = start(definitions, options);
    if (child === undefined) {
      resolve(answers);
      return;
    }
    const end = () => {
      timer.cancel();
      child.removeAllListeners('message');
      child.kill('SIGKILL');
      resolve(answers);
    };
    let timer = world.after(timeoutMs, end);
    // Nobody reads what they print, and none waits for a reader.
    child.stdout?.resume();
    child.stderr?.resume();
    child.on('message', said => {
      const message = parseHostMessage(said);
      // Their code has the same channel: one answers for itself alone, and once.
      if (message?.type !== 'described' || message.index !== answers.length) return;
      timer.cancel();
      answers.push({ loads: message.loads, routes: message.routes });
      if (answers.length === definitions.length) end();
      else timer = world.after(timeoutMs, end);
    });
    child.on('error', end);
    child.on('close', end);
  });
}

function start(definitions: readonly FunctionDefinition[], options: AskRoutesOptions) {
  const [first] = definitions;
  if (first === undefined) return undefined;
  try {
    return startRuntime(first, options, definitions.map(toArgument));
  } catch {
    // Node throws some errors at once, such as variables that are too large.
    return undefined;
  }
}

function toArgument(definition: FunctionDefinition): string {
  const { run } = definition;
  return JSON.stringify({ file: run.by === 'source' ? run.file : '', env: runtimeEnvironment(definition) });
}
