// Names of images, as docker and Kubernetes write them.
import { TenfoldError } from '../../core/errors.ts';

export interface Reference {
  /** Host and port of the registry. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const DOCKER_HUB = 'docker.io';
const REPOSITORY = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST = /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-f:]+\])(:[0-9]{1,5})?$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Rejects a text that is no name of an image with `bad-request`. */
export function parseReference(text: string): Reference {
  const [named = '', digest, ...rest] = text.split('@');
  const slash = named.indexOf('/');
  const first = named.slice(0, Math.max(slash, 0));
  const hasHost = /[.:]/.test(first) || first === 'localhost';
  const registry = hasHost ? first : DOCKER_HUB;
  const path = hasHost ? named.slice(slash + 1) : named;
  const [name = '', tag, ...more] = path.split(':');
  const repository = registry === DOCKER_HUB && !name.includes('/') ? `library/${name}` : name;
  const valid =
    rest.length + more.length === 0 &&
    HOST.test(registry) &&
    REPOSITORY.test(repository) &&
    repository.length <= 255 &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest));
  if (!valid) {
    throw new TenfoldError('bad-request', `"${text}" is no name of an image, such as ghcr.io/acme/orders:1.4.`);
  }
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/**
 * The address of the registry. Docker Hub has another one; our own machine is called without TLS.
 */
export function addressOf(registry: string, insecure: boolean): string {
  if (registry === DOCKER_HUB) return 'https://registry-1.docker.io';
  const isLocal = /^(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?$/.test(registry);
  return `${insecure || isLocal ? 'http' : 'https'}://${registry}`;
}
