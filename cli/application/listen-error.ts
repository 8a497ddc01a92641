// Turns what the operating system says about a port into a sentence that
// names the option to change.
import { DebugPortError } from '../../drivers/function-host/local/debug/debug-ports.ts';
import { CommandError } from '../command-error.ts';
import { oneLine } from '../output/table.ts';
import { type ListenPlace, type PortOwner, portOwner } from './port-owner.ts';

export interface Ports {
  readonly public: number;
  readonly internal: number;
  readonly admin: number;
}

const OPTION: Readonly<Record<keyof Ports, string>> = {
  public: '--port',
  internal: '--internal-port',
  admin: '--admin-port',
};

export interface ListenErrorOptions {
  /**
   * Shows the command line of the process that has the port. It may hold a password, so only a
   * developer sees it, and no log has it.
   */
  readonly showsCommand?: boolean;
  ownerOf?(place: ListenPlace): PortOwner | undefined;
}

/** The error to show, or undefined when `error` has nothing to do with listening. */
export function listenError(
  error: unknown,
  ports: Ports,
  listeners: readonly { readonly name: string; readonly port: number }[] = [],
  { showsCommand = false, ownerOf = portOwner }: ListenErrorOptions = {},
): CommandError | undefined {
  const found = systemErrorIn(error);
  if (!found) return undefined;
  const { port: taken, address } = found;
  const user = () => userOf(taken === undefined ? undefined : ownerOf({ port: taken, address }), showsCommand);
  if (error instanceof DebugPortError) return ofDebugger(error, found, user());
  const listener = listeners.find(({ port }) => port !== 0 && port === found.port);
  if (listener && (found.code === 'EADDRINUSE' || found.code === 'EACCES'))
    return ofListener(listener, found.code, error, user());
  const option = optionFor(found.port, ports);
  const where = found.port === undefined ? 'The port' : `The ${option.listener}port ${found.port}`;
  switch (found.code) {
    case 'EADDRINUSE':
      return new CommandError('port-taken', `${where} is in use by ${user()}.`, {
        cause: error,
        hint: `stop that program, or choose another port with ${option.name} PORT (${option.name} 0 takes any free one).`,
      });
    case 'EACCES':
      return new CommandError('port-forbidden', `${where} needs rights that this user does not have.`, {
        cause: error,
        hint: `choose a port above 1023 with ${option.name} PORT.`,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new CommandError('port-forbidden', 'The address to listen on is none of this machine.', {
        cause: error,
        hint: 'choose one with --host ADDRESS, e.g. 127.0.0.1 or 0.0.0.0.',
      });
    default:
      return undefined;
  }
}

function ofListener(
  { name, port }: { readonly name: string; readonly port: number },
  code: 'EADDRINUSE' | 'EACCES',
  cause: unknown,
  user: string,
): CommandError {
  const where = `The port ${port} of the listener "${name}"`;
  const hint = 'choose another port in `listeners` of the configuration; above 1023 no rights are needed.';
  return code === 'EADDRINUSE'
    ? new CommandError('port-taken', `${where} is in use by ${user}.`, { cause, hint })
    : new CommandError('port-forbidden', `${where} needs rights that this user does not have.`, { cause, hint });
}

function ofDebugger(error: DebugPortError, { code, port }: SystemError, user: string): CommandError | undefined {
  const where = `The port ${port} for the debugger of ${error.functionName}`;
  if (code === 'EADDRINUSE') {
    const hint =
      'stop that program, or choose other ports with --inspect-port PORT (--inspect-port 0 takes any free ones).';
    return new CommandError('port-taken', `${where} is in use by ${user}.`, { cause: error, hint });
  }
  if (code !== 'EACCES') return undefined;
  const hint = 'choose ports above 1023 with --inspect-port PORT.';
  return new CommandError('port-forbidden', `${where} needs rights that this user does not have.`, {
    cause: error,
    hint,
  });
}

function userOf(owner: PortOwner | undefined, showsCommand: boolean): string {
  if (owner === undefined) return 'another program';
  const name = showsCommand ? owner.command : owner.program;
  return `process ${owner.pid}${name === '' ? '' : ` (${oneLine(name)})`}`;
}

interface SystemError {
  readonly code: string;
  readonly port: number | undefined;
  readonly address: string | undefined;
}

function systemErrorIn(error: unknown): SystemError | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    const syscall = 'syscall' in each ? String(each.syscall) : '';
    if ('code' in each && typeof each.code === 'string' && /^(listen|bind|getaddrinfo)$/.test(syscall)) {
      const port = 'port' in each && typeof each.port === 'number' ? each.port : undefined;
      const address = 'address' in each && typeof each.address === 'string' ? each.address : undefined;
      return { code: each.code, port, address };
    }
  }
  return undefined;
}

function optionFor(port: number | undefined, ports: Ports): { readonly listener: string; readonly name: string } {
  for (const listener of ['public', 'internal', 'admin'] as const) {
    if (ports[listener] === port) return { listener: `${listener} `, name: OPTION[listener] };
  }
  return { listener: '', name: '--port' };
}
