// A platform that keeps all in services, for the Console: Kafka, Redis, Elasticsearch and S3.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { loadConfig } from '../../server/config/load.ts';
import type { Services } from '../../server/storage/open-storage.ts';
import { variablesOf } from '../processes/start-process.ts';
import { elasticsearch } from '../services/elasticsearch.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { s3 } from '../services/s3.ts';
import { canStart, type FoundService, findService, startService } from '../services/service.ts';

export interface RunningServices {
  readonly services: Services;
  stop(): Promise<void>;
}

let started = 0;

/** Undefined, said on stderr: one of them is not there. To be called when a test file loads. */
export function findServices(): (() => Promise<RunningServices>) | undefined {
  const shared = [redis, elasticsearch, s3].map(findService);
  if (!canStart(kafka) || !shared.every(found => found !== undefined)) return undefined;
  return () => startAll(shared);
}

/** Topics have the names of their resources, so each platform has a Kafka of its own. */
async function startAll([store, search, blobs]: readonly FoundService[]): Promise<RunningServices> {
  const log = await startService(kafka);
  const env = variablesOf({
    kafka: log.url,
    redis: store?.url() ?? '',
    elasticsearch: search?.url(),
    s3: blobs?.url(),
    prefix: `console-${process.pid}-${started++}`,
  });
  const { config, problems } = loadConfig({ role: 'serve', env, cwd: tmpdir() });
  assert.ok(config, problems.map(({ message }) => message).join('\n'));
  return { services: config, stop: () => log.stop() };
}
