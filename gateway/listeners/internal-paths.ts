// Which internal listener a path leads to, and which part of the path the
// target behind it does not see.
import { TenfoldError } from '../../core/errors.ts';
import { CAUSE_KEY_PATH } from '../../core/wire.ts';

export interface InternalPlace {
  readonly endpoint: 'functions' | 'topics' | 'queues' | 'views' | 'fan-outs' | 'blobs' | 'cache' | 'causes';
  /** Name of the resource; the cache and the key of causes are none and have only this name. */
  readonly name: string;
  /** The part of the path in front of what the target sees. */
  readonly mount: string;
  /** Whether anything follows. */
  readonly below: boolean;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const ENDPOINTS = ['functions', 'queues', 'views', 'fan-outs'] as const;
/** Topics may have dots in their names. */
const PATH = new RegExp(
  `^/(?:(functions|queues|views|fan-outs)/(${LABEL})|(topics)/(${LABEL}(?:\\.${LABEL})*))(/.*)?$`,
);
/** Keys of the cache are no names of resources: its endpoint reads them. */
const CACHE = /^\/cache(\/.*)?$/s;

export function parseInternalPath(path: string): InternalPlace {
  // Objects have names of their own, with slashes in them.
  if (path.startsWith('/blobs/')) return { endpoint: 'blobs', name: 'objects', mount: '/blobs', below: true };
  if (path === CAUSE_KEY_PATH) return { endpoint: 'causes', name: 'key', mount: CAUSE_KEY_PATH, below: false };
  const match = PATH.exec(path);
  if (match) {
    const endpoint = ENDPOINTS.find(each => each === match[1]) ?? 'topics';
    const name = match[2] ?? match[4] ?? '';
    return { endpoint, name, mount: `/${endpoint}/${name}`, below: match[5] !== undefined };
  }
  const cache = CACHE.exec(path);
  if (cache) return { endpoint: 'cache', name: 'cache', mount: '/cache', below: cache[1] !== undefined };
  throw new TenfoldError(
    'not-found',
    `No internal listener at ${path}; there are /functions/{name}, /topics/{name}, /queues/{name}, /views/{name}, /fan-outs/{name}, /blobs/{name} and /cache/{key}.`,
  );
}
