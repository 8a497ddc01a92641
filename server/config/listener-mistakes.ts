// Finds mistakes between the listeners of a configuration: equal names or ports, and namespaces
// that the installation does not follow.
import type { Path } from '../../resources/resource.ts';
import { RESERVED_NAMES } from './listeners.ts';
import type { Config } from './schema.ts';

export interface ListenerMistake {
  readonly path: Path;
  readonly message: string;
}

/** Addresses that stand for every one of the machine. */
const EVERY = new Set(['0.0.0.0', '::', '[::]']);

export function listenerMistakes(config: Config): ListenerMistake[] {
  return [...mistakenNames(config), ...sharedPorts(config), ...unfollowed(config)];
}

function mistakenNames({ listeners }: Config): ListenerMistake[] {
  return listeners.flatMap(({ name }, index): ListenerMistake[] => {
    const path = ['listeners', index, 'name'];
    if (RESERVED_NAMES.includes(name))
      return [{ path, message: `No listener of its own is called "${name}": the platform has that name for another.` }];
    const isTaken = listeners.findIndex(one => one.name === name) < index;
    return isTaken ? [{ path, message: `Another listener is called "${name}". Give each a name of its own.` }] : [];
  });
}

/** Only of those besides the three ports that were always there. */
function sharedPorts(config: Config): ListenerMistake[] {
  const portOf = (name: string, { host, port }: { readonly host?: string | undefined; readonly port: number }) => ({
    name,
    host: host ?? config.host,
    port,
  });
  const taken = [
    portOf('the public listener', config.public),
    portOf('the internal listener', config.internal),
    portOf('the admin port', config.admin),
  ];
  return config.listeners.flatMap((listener, index): ListenerMistake[] => {
    const here = portOf(`the listener "${listener.name}"`, listener);
    const other = taken.find(({ host, port }) => port !== 0 && port === here.port && shareAddress(host, here.host));
    taken.push(here);
    if (!other) return [];
    const message = `Port ${here.port} is that of ${other.name} already. Give each listener a port, or an address, of its own.`;
    return [{ path: ['listeners', index, 'port'], message }];
  });
}

function shareAddress(one: string, other: string): boolean {
  return one === other || EVERY.has(one) || EVERY.has(other);
}

function unfollowed({ cluster, listeners, public: { namespaces = [] } }: Config): ListenerMistake[] {
  if (cluster.namespaces.length === 0) return [];
  const named = [
    ...namespaces.map((namespace, place) => ({ namespace, path: ['public', 'namespaces', place] })),
    ...listeners.flatMap((listener, index) =>
      listener.namespaces.map((namespace, place) => ({ namespace, path: ['listeners', index, 'namespaces', place] })),
    ),
  ];
  return named.flatMap(({ namespace, path }) => {
    if (cluster.namespaces.includes(namespace)) return [];
    const message = `The namespace "${namespace}" is not followed, so there would be no route to serve. Followed are ${cluster.namespaces.join(', ')}.`;
    return [{ path, message }];
  });
}
