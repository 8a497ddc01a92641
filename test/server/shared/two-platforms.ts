// Two platforms, as two processes would be, over what they share: a real Redis for state and hints,
// one log, one search index, one blob store.
import { realWorld } from '../../../core/world.ts';
import type { Hints } from '../../../drivers/store/hints.ts';
import { openRedisHints } from '../../../drivers/store/redis/redis-hints.ts';
import { openRedisStore } from '../../../drivers/store/redis/redis-store.ts';
import type { Role } from '../../../server/config/roles.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { openStorage } from '../../../server/storage/open-storage.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';

export interface TwoPlatforms {
  readonly one: Platform;
  readonly two: Platform;
  /** Whether hints arrive. */
  deafen(deaf: boolean): void;
  /** The second one ends, and starts with these resources, or with the same ones. */
  restart(app?: string): Promise<void>;
  close(): Promise<void>;
}

export async function startTwoPlatforms(
  url: string,
  app: string,
  roles: readonly [Role, Role] = ['serve', 'serve'],
): Promise<TwoPlatforms> {
  const prefix = `test-${process.pid}-${Date.now().toString(36)}`;
  const connection = { urls: [url] };
  const kept = await openStorage(realWorld, tempFolder({}));
  if (kept === undefined) throw new Error('Nothing can be kept.');
  let deaf = false;
  const start = async (text: string, role: Role) => {
    const store = await openRedisStore({ world: realWorld, connection, prefix });
    const hints = deafened(openRedisHints({ world: realWorld, connection, prefix }), () => deaf);
    const platform = await startPlatform({
      role,
      directory: tempFolder({ 'app.yaml': text }),
      watch: false,
      storage: { ...kept, store, hints },
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: {},
    });
    const close = async () => {
      await platform.close(1000);
      await hints.close();
      await store.close();
    };
    return { platform, close };
  };
  const one = await start(app, roles[0]);
  let two = await start(app, roles[1]);
  return {
    one: one.platform,
    get two() {
      return two.platform;
    },
    deafen(is) {
      deaf = is;
    },
    async restart(text = app) {
      await two.close();
      two = await start(text, roles[1]);
    },
    async close() {
      await Promise.all([one.close(), two.close()]);
      await kept.close();
      const store = await openRedisStore({ world: realWorld, connection, prefix });
      for (const scope of await store.scopes('', { limit: 10_000 })) await store.drop(scope);
      await store.close();
      removeTempFolders();
    },
  };
}

function deafened(hints: Hints, deaf: () => boolean): Hints {
  return {
    ...hints,
    tell: (channel, message) => (deaf() ? undefined : hints.tell(channel, message)),
  };
}
