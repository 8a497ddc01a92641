// Loads again only the files whose text changed since the last time.
import { type LoadedText, type LoadText, loadText } from './load-text.ts';

/**
 * Keeps the newest text of each file and its result; a folder of 50 files then loads in the time of
 * the saved one.
 */
export function rememberTexts(): LoadText {
  const known = new Map<string, { readonly text: string; readonly loaded: LoadedText }>();
  return (file, text) => {
    const before = known.get(file);
    if (before?.text === text) return before.loaded;
    const loaded = loadText(file, text);
    known.set(file, { text, loaded });
    return loaded;
  };
}
