// A function's server in this process, for tests: on a free port of loopback, with its log kept.
import type { AddressInfo } from 'node:net';
import type { Causes } from '../../runtime/causes.ts';
import { createInvocationHost } from '../../runtime/invocation-host.ts';
import { createLog } from '../../runtime/log.ts';
import { createFunctionServer, type FunctionServer } from '../../runtime/server.ts';
import { readSettings, type Settings } from '../../runtime/settings.ts';
import { toDefinition } from '../../sdk/kernel/definition.ts';

export interface RunningFunction extends FunctionServer {
  readonly url: string;
  readonly port: number;
  /** The lines logged so far, parsed. */
  readonly lines: Array<Record<string, unknown>>;
}

const running: RunningFunction[] = [];

export async function runFunction(
  exported: unknown,
  change: Partial<Settings> = {},
  causes?: Pick<Causes, 'seal'>,
): Promise<RunningFunction> {
  const started = await startFunction(exported, change, causes);
  running.push(started);
  return started;
}

/** One that whoever started it ends, by `endFunction`. */
export async function startFunction(
  exported: unknown,
  change: Partial<Settings> = {},
  causes: Pick<Causes, 'seal'> = { seal: async () => undefined },
): Promise<RunningFunction> {
  const { settings } = readSettings({ PORT: '0', TENFOLD_HOST: '127.0.0.1' }, ['test.ts']);
  const definition = toDefinition(exported);
  if (!settings || !definition) throw new Error('the test gives no function');
  const all = { ...settings, ...change };
  const lines: Array<Record<string, unknown>> = [];
  const log = createLog(all.logLevel, { function: all.functionName }, line => lines.push(JSON.parse(line)), Date.now);
  const made = createFunctionServer(definition, all, createInvocationHost(all, log), causes, log);
  await new Promise<void>(resolve => made.server.listen(0, '127.0.0.1', resolve));
  const { port } = made.server.address() as AddressInfo;
  return { ...made, port, url: `http://127.0.0.1:${port}`, lines };
}

/** Ends all that the tests of a file have started. */
export async function stopFunctions(): Promise<void> {
  for (const started of running.splice(0)) await endFunction(started);
}

export async function endFunction({ server, drain }: RunningFunction): Promise<void> {
  server.closeAllConnections();
  await drain(0);
}

/** A promise and the function that resolves it. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = () => {};
  const passed = new Promise<void>(resolve => {
    open = resolve;
  });
  return { passed, open };
}
