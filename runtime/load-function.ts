// Imports the function's module and takes its definition.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Definition, toDefinition } from '../sdk/kernel/definition.ts';

export async function loadFunction(file: string): Promise<Definition> {
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`The function's module ${path} does not exist.`);
  const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
  const definition = toDefinition(module.default) ?? toDefinition(commonJsDefault(module.default));
  if (definition !== undefined) return definition;
  const found =
    module.default === undefined ? 'has no default export' : `exports a default of type ${typeof module.default}`;
  throw new Error(`${path} ${found}: write export default http(…), event(…), batch(…) or a function.`);
}

/**
 * A transpiled CommonJS module: its default export is a member of what import sees as the default.
 */
function commonJsDefault(exported: unknown): unknown {
  return typeof exported === 'object' && exported !== null && 'default' in exported ? exported.default : undefined;
}
