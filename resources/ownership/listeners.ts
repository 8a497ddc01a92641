// Which listeners serve the routes of which namespaces, as `allowedRoutes` of a Gateway's listeners
// says it: the model of one installation.
import { ANY_HOST, hostsMeet } from './territory.ts';

/** The routes that one listener serves. */
export interface AllowedRoutes {
  readonly name: string;
  /** Without them all namespaces that no other listener names. */
  readonly namespaces: readonly string[] | undefined;
  /** Patterns such as `*.shop.example.com`; without them every host. */
  readonly hosts: readonly string[] | undefined;
}

export interface Listeners {
  readonly all: readonly AllowedRoutes[];
  /** The listeners that serve the routes of a namespace. */
  of(namespace: string): readonly AllowedRoutes[];
  /** The listeners among them that serve a host pattern, or a part of it. */
  at(host: string, namespace: string): readonly AllowedRoutes[];
  /**
   * Whether one listener serves all of these namespaces at a host: only there do their routes meet.
   */
  serveTogether(host: string, ...namespaces: readonly string[]): boolean;
}

/** The listener that is always there. */
export const PUBLIC = 'public';

export function createListeners(all: readonly AllowedRoutes[]): Listeners {
  const named = new Set(all.flatMap(({ namespaces = [] }) => namespaces));
  const known = new Map<string, readonly AllowedRoutes[]>();
  const of = (namespace: string) => {
    const found =
      known.get(namespace) ?? all.filter(one => one.namespaces?.includes(namespace) ?? !named.has(namespace));
    known.set(namespace, found);
    return found;
  };
  const servesHost = ({ hosts }: AllowedRoutes, host: string) =>
    hosts === undefined || hosts.some(one => hostsMeet(one, host));
  return {
    all,
    of,
    at: (host, namespace) => of(namespace).filter(one => servesHost(one, host)),
    serveTogether(host, first = '', ...others) {
      return of(first).some(
        one => servesHost(one, host) && others.every(other => other === first || of(other).includes(one)),
      );
    },
  };
}

/** The default: one listener for all namespaces. */
export const publicAlone: Listeners = createListeners([{ name: PUBLIC, namespaces: undefined, hosts: undefined }]);

/** Whether a listener serves a request for this host. */
export function servesRequest({ hosts }: AllowedRoutes, host: string): boolean {
  return hosts === undefined || hosts.some(one => one === ANY_HOST || hostsMeet(one, host));
}
