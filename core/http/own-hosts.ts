// The host names under which a port for machines may be called. A name that a foreign page could
// have made point here is refused (DNS rebinding).
import { isIP } from 'node:net';

/** Whether a Host field, as sent, names a host that the port answers to. */
export type HostCheck = (authority: string | undefined) => boolean;

/** RFC 9110 §7.2: a name or an address and a port, and nothing around them. */
const AUTHORITY = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_](?:[a-z0-9._-]*[a-z0-9_-])?)\.?)(?::[0-9]{1,5})?$/;

/**
 * No public name ends in these (RFC 6761, RFC 6762, ICANN's resolution on .internal), nor in those
 * of Services of Kubernetes.
 */
const INWARD = ['.localhost', '.svc', '.svc.cluster.local', '.internal', '.local'];

/** `name` or `*.name`, as they may stand in a list of hosts. */
export function isHostPattern(text: string): boolean {
  return (
    isIP(text) !== 0 ||
    /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?)*$/.test(text)
  );
}

/**
 * Answers to loopback names alone, and to `hosts`: names, `*.name` for one label more, addresses.
 */
export function createLoopbackHosts(hosts: readonly string[]): HostCheck {
  const named = new Set(['localhost', '127.0.0.1', '::1', ...hosts.map(host => host.toLowerCase())]);
  return authority => {
    const host = hostIn(authority);
    return host !== undefined && isNamed(host, named);
  };
}

/**
 * As kubelet, Prometheus and balancers call: by an address, by a name of one label, and by names
 * that exist inside a network alone.
 */
export function createInwardHosts(hosts: readonly string[]): HostCheck {
  const isOwn = createLoopbackHosts(hosts);
  return authority => {
    if (isOwn(authority)) return true;
    const host = hostIn(authority);
    if (host === undefined) return false;
    return (
      isIP(host) !== 0 || !host.includes('.') || INWARD.some(end => host.endsWith(end) && host.length > end.length)
    );
  };
}

/**
 * Lower case, without port, brackets and the dot of the root; undefined when it is no Host field.
 */
function hostIn(authority: string | undefined): string | undefined {
  const [, address, name] = AUTHORITY.exec(authority?.toLowerCase() ?? '') ?? [];
  if (address !== undefined) return isIP(address) === 6 ? address : undefined;
  return name === undefined || name.includes('..') ? undefined : name;
}

function isNamed(host: string, named: ReadonlySet<string>): boolean {
  const dot = host.indexOf('.');
  return named.has(host) || (dot !== -1 && isIP(host) === 0 && named.has(`*${host.slice(dot)}`));
}
