// Loaded before anything else in a process that runs with one line of the product changed: the
// change is made in memory, as the file is loaded.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { findMutation } from './mutations.ts';

const mutation = findMutation(process.env['TENFOLD_MUTATION'] ?? '');
const root = pathToFileURL(`${process.cwd()}/`).href;
const edits = mutation.edits.map(edit => ({ ...edit, url: `${root}${edit.file}` }));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const mine = edits.filter(edit => edit.url === url);
    if (mine.length === 0 || loaded.source == null) return loaded;
    let source =
      typeof loaded.source === 'string' ? loaded.source : Buffer.from(toBytes(loaded.source)).toString('utf8');
    for (const { find, replace, file } of mine) {
      const count = source.split(find).length - 1;
      if (count !== 1) throw new Error(`${mutation.name}: ${count} places in ${file} match, one is needed: ${find}`);
      source = source.replace(find, () => replace);
    }
    return { ...loaded, source };
  },
});

function toBytes(source: ArrayBuffer | NodeJS.TypedArray): Uint8Array {
  return source instanceof ArrayBuffer
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}
