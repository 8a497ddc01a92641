// Loaded before anything else in a process that runs mutants: files of the product are
// loaded as Stryker made them.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const sources: Record<string, string> = JSON.parse(readFileSync(process.env['TENFOLD_MUTANTS'] ?? '', 'utf8'));
/** One file alone, as the others cost time. */
const only = process.env['TENFOLD_MUTANTS_OF'];
const root = pathToFileURL(`${process.cwd()}/`).href;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const file = url.startsWith(root) ? url.slice(root.length) : '';
    const source = only === undefined || file === only ? sources[file] : undefined;
    return source === undefined ? loaded : { ...loaded, source };
  },
});
