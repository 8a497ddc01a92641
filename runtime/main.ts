// Entry point of a function's process: `main.ts <module>`, or TENFOLD_FUNCTION. Reads
// settings, loads, listens, drains.
import { flushCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { Causes } from './causes.ts';
import { exitCodes } from './exit-codes.ts';
import { createHostChannel } from './host-channel.ts';
import { createInternalTransport, createInvocationHost } from './invocation-host.ts';
import { loadFunction } from './load-function.ts';
import { createLog } from './log.ts';
import { followModules } from './module-hooks.ts';
import { createFunctionServer, type FunctionServer } from './server.ts';
import { readSettings, type Settings } from './settings.ts';

const COMPILE_CACHE_DELAY_MS = 500;

const { settings, problems, warnings } = readSettings(process.env, process.argv.slice(2));
const log = createLog(
  settings?.logLevel ?? 'info',
  { function: settings?.functionName },
  line => process.stdout.write(line),
  () => Date.now(),
);
for (const warning of warnings) log.line('warn', warning);
if (settings === undefined) {
  for (const problem of problems) log.line('error', problem);
  process.exit(exitCodes.badSettings);
}
if (settings.describes) {
  followModules(() => {});
  const { describeFunctions } = await import('./describe.ts');
  await describeFunctions(
    process.argv.slice(3),
    createHostChannel(() => process.exit(exitCodes.drained)),
  );
}
await serve(settings);

async function serve(settings: Settings): Promise<void> {
  const files: string[] = [];
  let running: FunctionServer | undefined;
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void end(running, settings.graceMs);
  };
  const channel = createHostChannel(stop);
  process.once('SIGTERM', stop);
  // Ctrl-C in a terminal reaches a host's functions too; the host ends them
  // when it needs them no more.
  process.on('SIGINT', () => {
    if (!channel.isOpen) stop();
  });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.line('error', 'the function crashed outside a request; the process ends', { error: toError(error), event });
      process.exit(exitCodes.crashed);
    });
  }

  const debuggerUrl = settings.inspected ? process.getBuiltinModule('node:inspector').url() : undefined;
  if (debuggerUrl !== undefined) await channel.send({ type: 'debugger', port: Number(new URL(debuggerUrl).port) });
  followModules(file => {
    files.push(file);
    if (running) void channel.send({ type: 'files', files: [file] });
  });
  try {
    const loaded = await loadFunction(settings.module);
    const definition = settings.development
      ? (await import('./explain-routes.ts')).withExplainedRoutes(loaded)
      : loaded;
    const causes = new Causes({
      module: resolve(settings.module),
      version: settings.version,
      transport: () => createInternalTransport(settings),
      monotonic: () => performance.now(),
      random: Math.random,
    });
    running = createFunctionServer(definition, settings, createInvocationHost(settings, log), causes, log);
    // Before the message that it is ready: a busy platform so sees this request before it calls.
    running.server.once('listening', () => causes.begin());
  } catch (error) {
    const { toLoadFailure } = await import('./load-failure.ts');
    const failure = toLoadFailure(error, resolve(settings.module), files.at(-1));
    // A host shows the failure itself, with the place in the code.
    if (!channel.isOpen) log.line('error', 'the function does not load', { failure });
    await channel.send({ type: 'failed', error: { ...failure, files } });
    process.exit(exitCodes.loadFailed);
  }
  const { server } = running;
  server.once('error', error => {
    log.line('error', `cannot listen on ${settings.host}:${settings.port}: is the port taken?`, { error });
    process.exit(exitCodes.cannotListen);
  });
  server.listen(settings.port, settings.host, () => {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : settings.port;
    log.line('debug', 'ready', { port });
    void channel.send({ type: 'ready', port, files: [...files] });
    // With NODE_COMPILE_CACHE set to a folder, the next start gains 40 ms, also when this process
    // is killed.
    setTimeout(flushCompileCache, COMPILE_CACHE_DELAY_MS).unref();
  });
}

async function end(running: FunctionServer | undefined, graceMs: number): Promise<void> {
  const cutOff = await running?.drain(graceMs);
  if (cutOff) log.line('warn', `${cutOff} requests did not end within ${graceMs} ms and were refused`);
  process.exit(exitCodes.drained);
}

function toError(value: unknown): Error {
  return value instanceof Error ? value : new Error(`a value that is no error was thrown: ${String(value)}`);
}
