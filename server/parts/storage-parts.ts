// The storage of a platform, and the state that its processes share through it.
import { noBackup } from '../../admin/backup-view.ts';
import { unlessAborted } from '../../core/unless-aborted.ts';
import { createBackup } from '../backup/make-backup.ts';
import { ScheduledBackups } from '../backup/scheduled-backups.ts';
import { createShared } from '../shared/shared.ts';
import { createSharedBudgets } from '../shared/shared-budgets.ts';
import { openSharedStorage, openStorage } from '../storage/open-storage.ts';
import { packageVersion } from '../version.ts';
import type { PlatformPart } from './platform-part.ts';

const NOTHING_TO_BACK_UP =
  'backups.folder has no effect: this process keeps nothing on its disk. Back up the services with their own means';

/** The time in which leases are given back. */
const GIVE_BACK_MS = 1_000;

export const storage: PlatformPart<'options' | 'world' | 'role' | 'dataFolder' | 'log', 'storage'> = {
  name: 'storage',
  async start({ options: { storage: opened, dataDirectory, services, signal }, world, role, dataFolder, log }) {
    if (opened) return { storage: opened };
    const opening =
      role === 'serve'
        ? openStorage(world, dataFolder, services, log)
        : openSharedStorage(world, dataDirectory, services, log);
    return { storage: await endedUnlessStopped(opening, signal) };
  },
  // The caller that opened a storage closes it.
  stop: async own => (own.options.storage ? undefined : own.storage?.close()),
};

export const backups: PlatformPart<'options' | 'world' | 'log' | 'storage', 'backup' | 'scheduledBackups'> = {
  name: 'back-ups',
  start({ options: { backups: schedule }, world, log, storage }) {
    const backup = storage?.backup ? createBackup(world, packageVersion, storage.backup) : noBackup;
    const folder = schedule?.folder;
    if (schedule === undefined || folder === undefined) return { backup, scheduledBackups: undefined };
    if (storage?.backup !== undefined) {
      const scheduledBackups = new ScheduledBackups(world, { ...schedule, folder }, backup, log);
      scheduledBackups.start();
      return { backup, scheduledBackups };
    }
    log({ level: 'warn', message: NOTHING_TO_BACK_UP, fields: {} });
    return { backup, scheduledBackups: undefined };
  },
  stop: ({ scheduledBackups }) => scheduledBackups?.close(),
};

export const sharedBudgets: PlatformPart<'world' | 'log' | 'storage', 'budgets'> = {
  name: 'shared limits',
  start: given => ({ budgets: createSharedBudgets(given.world, given.storage, given.log) }),
  stop: async ({ budgets }) => budgets?.close(GIVE_BACK_MS),
};

export const sharedState: PlatformPart<'world' | 'directory' | 'log' | 'inForce' | 'storage', 'shared'> = {
  name: 'shared state',
  start: ({ inForce, ...given }) => ({ shared: createShared({ ...given, forget: query => inForce.forget(query) }) }),
  stop: ({ shared }, graceMs) => shared.close(graceMs),
};

/** Opening takes as long as services are silent: a storage that opens after a stop is closed. */
function endedUnlessStopped<T extends { close(): Promise<void> } | undefined>(
  opening: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return opening;
  return unlessAborted(opening, signal).catch(error => {
    opening.then(late => late?.close()).catch(() => {});
    throw error;
  });
}
