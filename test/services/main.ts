// Starts the services that tests and development need, prints where they are,
// and stops them on Ctrl-C.
import { elasticsearch } from './elasticsearch.ts';
import { kafka } from './kafka.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import { registry } from './registry.ts';
import { s3 } from './s3.ts';
import { type ServiceKind, startService, wayTo } from './service.ts';
import type { StartedService } from './started-service.ts';

const KINDS: readonly ServiceKind[] = [redis, s3, elasticsearch, kafka, registry, postgres];

const started: StartedService[] = [];
for (const kind of KINDS) {
  const way = wayTo(kind);
  if (way.by === 'none') {
    console.error(`${kind.name} cannot be started: ${way.why}.`);
    process.exitCode = 1;
    continue;
  }
  const service = await startService(kind, way);
  started.push(service);
  console.log(`export ${kind.variable}=${service.url}`);
}
if (started.length > 0) {
  console.error('Running until Ctrl-C; nothing that they keep outlives it.');
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void Promise.all(started.map(service => service.stop())).then(() => process.exit()));
}
