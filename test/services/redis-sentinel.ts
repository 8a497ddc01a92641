// A Sentinel for tests, which watches one master under the name `main`.
import { writeFile } from 'node:fs/promises';
import { freePorts } from '../cluster/free-ports.ts';
import { type NativeProcess, startNative } from './native-process.ts';
import { answers, type RedisServer } from './redis.ts';

export const SENTINEL_NAME = 'main';

export interface Sentinel {
  readonly url: string;
  readonly process: NativeProcess;
}

export async function startSentinel(master: Pick<RedisServer, 'port'>): Promise<Sentinel> {
  const [port = 0] = await freePorts(1);
  const process = await startNative({
    name: 'sentinel',
    command: 'redis-server',
    args: folder => [`${folder}/sentinel.conf`, '--sentinel'],
    async prepare(folder) {
      const watched = `sentinel monitor ${SENTINEL_NAME} 127.0.0.1 ${master.port} 1`;
      const times = [
        `sentinel down-after-milliseconds ${SENTINEL_NAME} 1000`,
        `sentinel failover-timeout ${SENTINEL_NAME} 5000`,
      ];
      await writeFile(`${folder}/sentinel.conf`, [`port ${port}`, 'bind 127.0.0.1', watched, ...times, ''].join('\n'));
    },
    isReady: () => answers(port),
  });
  return { url: `redis://127.0.0.1:${port}`, process };
}
