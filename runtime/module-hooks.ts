// Follows which modules the function loads, and lets it import `tenfold` where its own folder has no copy installed.
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isOwnModule, ownSdk } from './own-modules.ts';

const MISSING = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED']);

/** `onFile` gets the absolute path of each local module, once; those under node_modules and our own are left out. */
export function followModules(onFile: (file: string) => void): void {
  const seen = new Set<string>();
  registerHooks({
    resolve(specifier, context, next) {
      const own = ownSdk[specifier];
      if (own === undefined) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch (error) {
        if (!isMissing(error)) throw error;
        return { url: own, shortCircuit: true };
      }
    },
    load(url, context, next) {
      if (url.startsWith('file:') && !isOwnModule(url) && !url.includes('/node_modules/')) {
        const file = fileURLToPath(url);
        if (!seen.has(file)) {
          seen.add(file);
          onFile(file);
        }
      }
      return next(url, context);
    },
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && MISSING.has(String(error.code));
}
