// Follows the instances of one Function while a caller needs them: the targets of its Service, as
// EndpointSlices have them.
import { sleep, type World } from '../../core/world.ts';
import type { KubeClient } from '../api/kube-client.ts';
import { isRefused } from '../api/kube-error.ts';
import { type ApiResource, collectionPath, read, readList, readNumber, readText } from '../api/kube-object.ts';
import { type Log, reasonOf } from '../api/outages.ts';

/** The same as in the port of the function host. */
export interface Instance {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly ready: boolean;
}

export interface InstanceFollower {
  /**
   * Calls back with all that there are, whenever that changes; with none while it is not known.
   * Undefined when too many are followed.
   */
  follow(
    namespace: string,
    service: string,
    told: (instances: readonly Instance[]) => void,
  ): { close(): void } | undefined;
  close(): Promise<void>;
}

const SLICES: ApiResource = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
};
/** Each is a connection to the API server. */
const MAX_FOLLOWED = 32;
const WATCH_SECONDS = 300;
const SILENCE_MS = 100_000;
const AGAIN_MS = 500;

export function createInstanceFollower(world: World, client: KubeClient, log: Log): InstanceFollower {
  const running = new Map<AbortController, Promise<void>>();
  let failing = false;

  async function watch(path: string, service: string, told: (all: readonly Instance[]) => void, signal: AbortSignal) {
    const slices = new Map<string, unknown>();
    // Without a version to begin at it says first what there is, so that nothing has to be listed.
    const query = {
      watch: true,
      labelSelector: `kubernetes.io/service-name=${service}`,
      timeoutSeconds: WATCH_SECONDS,
    };
    for await (const event of client.stream(path, { query, silenceMs: SILENCE_MS, signal })) {
      const name = readText(event, 'object', 'metadata', 'name');
      const type = readText(event, 'type');
      if (name === undefined || type === 'ERROR') return;
      if (type === 'DELETED') slices.delete(name);
      else slices.set(name, read(event, 'object'));
      failing = false;
      if (!signal.aborted) told([...slices.values()].flatMap(instancesOf));
    }
  }

  async function run(path: string, service: string, told: (all: readonly Instance[]) => void, signal: AbortSignal) {
    while (!signal.aborted) {
      try {
        await watch(path, service, told, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!failing) {
          const message = 'instances of a Function cannot be followed; calls wait for its Service instead';
          log('warn', message, { service, reason: reasonOf(error) });
        }
        failing = true;
        if (isRefused(error)) return;
      }
      if (signal.aborted) return;
      told([]);
      await sleep(world, AGAIN_MS, signal).catch(() => {});
    }
  }

  return {
    follow(namespace, service, told) {
      if (running.size >= MAX_FOLLOWED) return undefined;
      const stop = new AbortController();
      const ended: Promise<void> = run(collectionPath(SLICES, namespace), service, told, stop.signal).finally(() =>
        running.delete(stop),
      );
      running.set(stop, ended);
      return { close: () => stop.abort() };
    },
    async close() {
      for (const stop of running.keys()) stop.abort();
      await Promise.all(running.values());
    },
  };
}

/** The instances of one slice; those that end no longer count. */
export function instancesOf(slice: unknown): Instance[] {
  const port = readNumber(
    readList(slice, 'ports').find(one => readText(one, 'name') === 'http'),
    'port',
  );
  const isIpv6 = readText(slice, 'addressType') === 'IPv6';
  return readList(slice, 'endpoints').flatMap(endpoint => {
    const [address] = readList(endpoint, 'addresses');
    const ends = read(endpoint, 'conditions', 'terminating') === true;
    if (typeof address !== 'string' || port === undefined || ends) return [];
    const ready = read(endpoint, 'conditions', 'ready') === true;
    return [{ origin: `http://${isIpv6 ? `[${address}]` : address}:${port}`, ready }];
  });
}
