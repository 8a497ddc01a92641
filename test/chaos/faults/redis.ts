// Redis: stopped, killed, refusing to write or to do anything yet, and replaced by its replica,
// which has missed the last second.
import { during, type FaultKind, killFor, stopFor } from './fault.ts';

const REDIS = 'Redis';

export const redis: readonly FaultKind[] = [
  {
    name: 'Redis stopped',
    draw({ site }, chance) {
      const length = chance.int('length', 200, 4000);
      return {
        targets: [REDIS],
        losesAttempts: true,
        name: `Redis stands still for ${length} ms`,
        inject: () => stopFor(site.redis, length),
      };
    },
  },
  {
    name: 'Redis killed',
    draw({ site }, chance) {
      const length = chance.int('length', 200, 4000);
      return {
        targets: [REDIS],
        losesAttempts: true,
        name: `Redis is killed, and away for ${length} ms`,
        inject: () => killFor(site.redis, length),
      };
    },
  },
  {
    name: 'Redis out of memory',
    draw({ site }, chance) {
      const length = chance.int('length', 500, 4000);
      const limit = (bytes: string) => site.redis.command('CONFIG', 'SET', 'maxmemory', bytes);
      return {
        targets: [REDIS],
        losesAttempts: true,
        name: `Redis has no memory left for ${length} ms`,
        inject: () =>
          during(
            length,
            () => limit('1'),
            () => limit('0'),
          ),
      };
    },
  },
  {
    name: 'Redis wants replicas',
    draw({ site }, chance) {
      const length = chance.int('length', 500, 4000);
      const wanted = (count: string) => site.redis.command('CONFIG', 'SET', 'min-replicas-to-write', count);
      return {
        targets: [REDIS],
        losesAttempts: true,
        name: `Redis wants more replicas than there are for ${length} ms`,
        inject: () =>
          during(
            length,
            () => wanted('9'),
            () => wanted('0'),
          ),
      };
    },
  },
  {
    name: 'Redis takes no writes',
    draw({ site }, chance) {
      const length = chance.int('length', 500, 4000);
      return {
        targets: [REDIS],
        losesAttempts: true,
        name: `Redis is a replica of nobody for ${length} ms, and takes no writes`,
        inject: () =>
          during(
            length,
            () => site.redis.command('REPLICAOF', '127.0.0.1', '1'),
            () => site.redis.command('REPLICAOF', 'NO', 'ONE'),
          ),
      };
    },
  },
  {
    name: 'Redis loads its data',
    draw({ site }, chance) {
      const length = chance.int('length', 500, 4000);
      return {
        targets: [REDIS],
        losesAttempts: true,
        name: `Redis is killed, and reads its data for ${length} ms`,
        async inject() {
          await site.redis.kill();
          await site.redis.startLoading(length);
        },
      };
    },
  },
  {
    name: 'Redis fails over',
    draw({ site }, chance) {
      const lost = chance.int('lost', 300, 1500);
      return {
        targets: [REDIS],
        losesAttempts: true,
        name: `the replica of Redis takes over, without the last ${lost} ms`,
        inject: () => site.redis.failOver(lost),
      };
    },
  },
];
