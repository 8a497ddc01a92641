// Tells which routes a function has: its module is loaded as for calls, but with no network, and
// gets none.
import { exitCodes } from './exit-codes.ts';
import type { HostChannel } from './host-channel.ts';
import { loadFunction } from './load-function.ts';

export async function describeModule(module: string, channel: HostChannel): Promise<never> {
  refuseNetwork();
  // A module that needs more than it has here says nothing.
  const definition = await loadFunction(module).catch(() => undefined);
  const router = definition?.kind === 'http' && 'find' in definition.target ? definition.target : undefined;
  await channel.send({ type: 'described', routes: router?.names });
  process.exit(exitCodes.drained);
}

function refuseNetwork(): void {
  const net = process.getBuiltinModule('node:net');
  const dgram = process.getBuiltinModule('node:dgram');
  net.Socket.prototype.connect = refuse;
  net.Server.prototype.listen = refuse;
  dgram.Socket.prototype.bind = refuse;
  dgram.Socket.prototype.send = refuse;
}

function refuse(): never {
  throw new Error('A module that is only asked for its routes has no network.');
}
