// Lists all settings of a configuration for the admin API, each with its value and where that is
// from. No secret is in the list: only the place where it stands.
import type { SettingOrigin, SettingReport } from '../../admin/settings/settings-view.ts';
import { valueAt } from '../../resources/load/path.ts';
import type { LoadedConfig, Source } from './load.ts';
import { isSecret, type Setting, settingsOf } from './settings.ts';

const HIDDEN = '(hidden)';

export function settingReports(loaded: Pick<LoadedConfig, 'given' | 'sourceOf'>): SettingReport[] {
  return settingsOf().map(setting => reportOf(setting, loaded));
}

function reportOf({ path, variable, node }: Setting, { given, sourceOf }: Pick<LoadedConfig, 'given' | 'sourceOf'>) {
  const written = valueAt(given, path);
  const report = { name: path.join('.'), variable, meaning: node.description ?? '' };
  if (written === undefined) {
    if (node.default === undefined) return { ...report, origin: 'unset' } satisfies SettingReport;
    return { ...report, value: node.default, origin: 'default' } satisfies SettingReport;
  }
  const { origin, from } = placeOf(sourceOf(path));
  const value = isSecret(node) ? placeOfSecret(written) : withoutSecrets(written);
  return { ...report, value, origin, from, ...(isSecret(node) && { secret: true }) } satisfies SettingReport;
}

function placeOf(source: Source): { readonly origin: SettingOrigin; readonly from?: string } {
  if (source === undefined) return { origin: 'default' };
  if (!('name' in source)) return { origin: 'file', from: `${source.file}:${source.line}:${source.column}` };
  return { origin: source.name.startsWith('TENFOLD_') ? 'variable' : 'option', from: source.name };
}

function placeOfSecret(reference: unknown): unknown {
  const [env, file] = [valueAt(reference, ['env']), valueAt(reference, ['file'])];
  if (typeof env === 'string') return { env };
  return typeof file === 'string' ? { file } : HIDDEN;
}

/** Addresses are no secrets, but their user, their password and their query may be. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutSecrets(inner)]));
  }
  if (typeof value !== 'string' || !value.includes('://')) return value;
  return value.replace(/(:\/\/)[^/?#]*@/g, `$1${HIDDEN}@`).replace(/\?[^#]*/, `?${HIDDEN}`);
}
