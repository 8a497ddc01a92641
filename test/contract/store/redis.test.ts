// The contract of the store on a real Redis: a single server, one that a
// Sentinel names, and a Cluster.
import { askRedis, redis, startRedis } from '../../services/redis.ts';
import { startRedisCluster } from '../../services/redis-cluster.ts';
import { SENTINEL_NAME, startSentinel } from '../../services/redis-sentinel.ts';
import { canStart, findService } from '../../services/service.ts';
import { createRedisSubject } from './redis-subject.ts';
import { storeContract } from './store-contract.ts';

const service = findService(redis);

if (service)
  storeContract({
    name: 'Redis',
    create() {
      const url = service.url();
      return createRedisSubject({ urls: [url] }, prefix => askRedis({ url }, 'UNLINK', `${prefix}:epoch`));
    },
  });

if (canStart(redis)) {
  storeContract({
    name: 'Redis with Sentinel',
    async create() {
      const master = await startRedis();
      const sentinel = await startSentinel(master);
      const connection = { urls: [sentinel.url], mode: 'sentinel', sentinelName: SENTINEL_NAME } as const;
      return createRedisSubject(connection, async () => {
        await Promise.all([sentinel.process.stop(), master.process.stop()]);
      });
    },
  });
  storeContract({
    name: 'Redis Cluster',
    async create() {
      const cluster = await startRedisCluster();
      return createRedisSubject({ urls: cluster.urls, mode: 'cluster' }, () => cluster.stop());
    },
  });
}
