// Tells which routes functions have: their modules are loaded as for calls, one after the other,
// but with no network, and get no calls.
import { registerHooks } from 'node:module';
import { dirname } from 'node:path';
import { exitCodes } from './exit-codes.ts';
import type { HostChannel } from './host-channel.ts';
import { loadFunction } from './load-function.ts';
import { isOwnModule } from './own-modules.ts';

interface Asked {
  readonly file: string;
  /** Variables that it does not share with the others. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * `asked`: each as JSON. The answers have their order, and the host knows from it which one ended
 * the process or holds it up.
 *
 * One thread loads them all, as a start is what costs: Node, its stripping of types and the SDK
 * need far more of the processor than a further module, in each process and in each thread alike.
 * Each function gets what a process of its own has, as far as one thread can give it: its
 * variables, folder and arguments, and its own copy of each local module. Packages and globals are
 * shared. For that reason the host asks again, alone, for a function that does not load beside
 * others, and for one whose routes give cause for a warning.
 */
export async function describeFunctions(asked: readonly string[], channel: HostChannel): Promise<never> {
  refuseNetwork();
  // The process ends where a module waits for what never comes.
  process.channel?.unref();
  const seat = createSeat();
  for (const [index, text] of asked.entries()) {
    const { file, env }: Asked = JSON.parse(text);
    seat.take(index, { file, env });
    // A module that needs more than it has here says nothing.
    const definition = await loadFunction(file).catch(() => undefined);
    const router = definition?.kind === 'http' && 'find' in definition.target ? definition.target : undefined;
    await channel.send({ type: 'described', index, loads: definition !== undefined, routes: router?.names });
  }
  process.exit(exitCodes.drained);
}

/** Makes the process look to each function as if it were the only one. */
function createSeat() {
  const given = Object.entries(process.env);
  const [program = '', main = ''] = process.argv;
  const home = process.cwd();
  let [taken, first] = [0, ''];
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      // Node keeps modules of CommonJS by their file alone.
      if (!isLocal(found.url) || context.conditions.includes('require')) return found;
      const url = new URL(found.url);
      url.searchParams.set('tenfold-function', String(taken));
      return { ...found, url: url.href };
    },
  });
  return {
    take(index: number, { file, env }: Asked): void {
      taken = index;
      first ||= dirname(file);
      const folder = dirname(file) === first ? home : dirname(file);
      // Not every process may read its own folder, which it needs to go there.
      if (process.cwd() !== folder) process.chdir(folder);
      process.argv = [program, main, file];
      for (const name of Object.keys(process.env)) delete process.env[name];
      for (const [name, value] of [...given, ...Object.entries(env)]) process.env[name] = value;
      forgetCommonJs();
    },
  };
}

function forgetCommonJs(): void {
  const { cache } = process.getBuiltinModule('node:module').createRequire(import.meta.url);
  for (const file of Object.keys(cache)) {
    if (!file.includes('/node_modules/')) delete cache[file];
  }
}

function isLocal(url: string): boolean {
  return url.startsWith('file:') && !isOwnModule(url) && !url.includes('/node_modules/');
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
