// Settings, versions and services of this process, for the admin API.
import { arch, hostname, platform } from 'node:os';
import type {
  ProcessReport,
  ServiceReport,
  SettingReport,
  SettingsControl,
} from '../../admin/settings/settings-view.ts';
import { toTimestamp } from '../../core/world.ts';
import type { Role } from '../config/roles.ts';
import type { Storage } from '../storage/open-storage.ts';
import { packageVersion } from '../version.ts';

export function createSettings(
  settings: readonly SettingReport[],
  role: Role,
  startedAt: number,
  storage: Pick<Storage, 'parts'> | undefined,
): SettingsControl {
  return {
    settings: () => settings,
    process: (): ProcessReport => ({
      host: hostname(),
      version: packageVersion,
      node: process.versions.node,
      system: `${platform()} ${arch()}`,
      role,
      startedAt: toTimestamp(startedAt),
      services: storage?.parts() ?? NOTHING,
    }),
  };
}

const NOTHING: readonly ServiceReport[] = (['log', 'store', 'search', 'blobs'] as const).map(part => ({
  part,
  driver: 'none',
  usable: false,
  reason: 'The data folder cannot be written, so this process keeps nothing. See `data` of the configuration.',
}));
