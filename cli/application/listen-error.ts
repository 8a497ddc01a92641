// Turns what the operating system says about a port into a sentence that
// names the option to change.
import { CommandError } from '../command-error.ts';

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

/** The error to show, or undefined when `error` has nothing to do with listening. */
export function listenError(
  error: unknown,
  ports: Ports,
  listeners: readonly { readonly name: string; readonly port: number }[] = [],
): CommandError | undefined {
  const found = systemErrorIn(error);
  if (!found) return undefined;
  const listener = listeners.find(({ port }) => port !== 0 && port === found.port);
  if (listener && (found.code === 'EADDRINUSE' || found.code === 'EACCES'))
    return ofListener(listener, found.code, error);
  const option = optionFor(found.port, ports);
  const where = found.port === undefined ? 'The port' : `The ${option.listener}port ${found.port}`;
  switch (found.code) {
    case 'EADDRINUSE':
      return new CommandError('port-taken', `${where} is in use by another program.`, {
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
): CommandError {
  const where = `The port ${port} of the listener "${name}"`;
  const hint = 'choose another port in `listeners` of the configuration; above 1023 no rights are needed.';
  return code === 'EADDRINUSE'
    ? new CommandError('port-taken', `${where} is in use by another program.`, { cause, hint })
    : new CommandError('port-forbidden', `${where} needs rights that this user does not have.`, { cause, hint });
}

function systemErrorIn(error: unknown): { readonly code: string; readonly port: number | undefined } | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    const syscall = 'syscall' in each ? String(each.syscall) : '';
    if ('code' in each && typeof each.code === 'string' && /^(listen|bind|getaddrinfo)$/.test(syscall)) {
      return { code: each.code, port: 'port' in each && typeof each.port === 'number' ? each.port : undefined };
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
