// The settings that a configuration must have for the process that reads it.
import { valueAt } from '../../resources/load/path.ts';
import type { Path } from '../../resources/resource.ts';

/**
 * `serve`: all in one process. `gateway` and `worker`: one of many processes
 * that share log and store.
 */
export type Role = 'serve' | 'gateway' | 'worker';

/** A process that reads a configuration. */
export type Process = Role | 'operator';

export interface Missing {
  readonly path: Path;
  readonly message: string;
}

/** `given`: as written, without defaults. */
export function missingFor(role: Process, given: unknown): Missing[] {
  return [...missingForEvents(given), ...missingForSharing(role, given)];
}

function missingForEvents(given: unknown): Missing[] {
  const path = ['log', 'kafka', 'brokers'];
  if (valueAt(given, ['blobs', 's3', 'events']) === undefined || valueAt(given, path) !== undefined) return [];
  return [{ path, message: 'The events of the bucket (blobs.s3.events) come over a topic of Kafka.' }];
}

function missingForSharing(role: Process, given: unknown): Missing[] {
  if (role === 'serve' || role === 'operator') return [];
  const needed: readonly (readonly [path: Path, message: string, roles: readonly Role[]])[] = [
    [
      ['log', 'kafka', 'brokers'],
      `A ${role} shares its events with other processes; the embedded log belongs to one.`,
      ['gateway', 'worker'],
    ],
    [
      ['store', 'redis', 'urls'],
      `A ${role} shares its state with other processes; the embedded store belongs to one.`,
      ['gateway', 'worker'],
    ],
    [
      ['internal', 'secret'],
      'Processes that belong together make the keys of the internal listener of one secret.',
      ['gateway', 'worker'],
    ],
    // In a cluster the worker does not start them.
    ...(valueAt(given, ['cluster', 'enabled']) === true
      ? []
      : [
          [
            ['functions', 'internalUrl'],
            'Functions of a worker reach the internal listener of a gateway.',
            ['worker'],
          ] as const,
        ]),
  ];
  return needed
    .filter(([path, , roles]) => roles.includes(role) && valueAt(given, path) === undefined)
    .map(([path, message]) => ({ path, message }));
}
