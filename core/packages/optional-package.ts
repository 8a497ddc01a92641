// Packages that an application installs only when it uses what they are for, as they are large or
// clients of a service. An error names the one that is missing, and the command that installs it.
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { TenfoldError } from '../errors.ts';

/** The versions that this release is tested with. A test compares them with package.json. */
export const optionalPackages = {
  '@aws-sdk/client-s3': '3.1175.0',
  '@duckdb/node-api': '1.5.6-r.1',
  '@elastic/elasticsearch': '9.5.1',
  avsc: '5.7.9',
  esbuild: '0.28.2',
  pg: '8.23.1',
  protobufjs: '8.8.1',
} as const;

export type OptionalPackage = keyof typeof optionalPackages;

const MISSING = new Set(['ERR_MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED', 'MODULE_NOT_FOUND']);

/** `use` is what the application does with it, as it begins a sentence. */
export async function loadOptional<Module>(
  name: OptionalPackage,
  use: string,
  load: () => Promise<Module>,
): Promise<Module> {
  const other = whyOther(name, use);
  if (other !== undefined) throw new TenfoldError('unsupported', `${other} Install it with "${installCommand(name)}".`);
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new TenfoldError('unsupported', `${whyMissing(name, use)} Install it with "${installCommand(name)}".`, {
      cause: error,
    });
  }
}

export function isMissing(error: unknown, name: OptionalPackage): boolean {
  return error instanceof Error && 'code' in error && MISSING.has(String(error.code)) && error.message.includes(name);
}

export function whyMissing(name: OptionalPackage, use: string): string {
  return `${use} needs the package ${name} in version ${optionalPackages[name]}, which is not installed here.`;
}

/**
 * Why a package that is installed cannot do what is asked of it: it has another version. As a peer
 * it may have any, since an application may need another one for itself, and then uses it alone.
 */
export function whyOther(name: OptionalPackage, use: string, installed = installedVersion(name)): string | undefined {
  const tested = optionalPackages[name];
  if (installed === undefined || fits(installed, tested)) return undefined;
  return `${use} needs the package ${name} in version ${tested}, and version ${installed} is installed here.`;
}

/** Undefined for one that is not installed, and for one whose code is bundled. */
function installedVersion(name: string): string | undefined {
  try {
    const path = findPackageJSON(name, import.meta.url);
    return path === undefined ? undefined : JSON.parse(readFileSync(path, 'utf8')).version;
  } catch {
    return undefined;
  }
}

/** As npm reads `^tested`: not older, and no other major version, nor a minor one below 1.0. */
function fits(installed: string, tested: string): boolean {
  const [has = [], wants = []] = [installed, tested].map(version => version.split(/[.+-]/, 3).map(Number));
  const differs = wants.findIndex((part, at) => part !== has[at]);
  const major = wants.findIndex(part => part > 0);
  return differs === -1 || (differs > major && Number(has[differs]) > Number(wants[differs]));
}

export function installCommand(name: OptionalPackage): string {
  return `npm install --save-dev ${name}@${optionalPackages[name]}`;
}
