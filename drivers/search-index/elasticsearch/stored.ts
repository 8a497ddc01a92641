// The stored form of a document: the document itself, and the words, stems, sounds and values that
// it is found by.
import type { Indexed } from '../text/document.ts';
import { DOCUMENT, type ElasticsearchIndex, EXPIRES, GONE, ID, valuePath, vocabularyOf } from './mapping.ts';

/** As JSON; `text` is the document. */
export function storedText(
  { plan, root }: ElasticsearchIndex,
  id: string,
  text: string,
  indexed: Indexed,
  expires: number | undefined,
): string {
  const found: Record<string, unknown> = { [ID]: id };
  for (const [at, { name }] of plan.columns.entries()) found[name] = indexed.columns[at];
  for (const { number, settings } of plan.texts)
    if (settings.suggest) found[vocabularyOf(number)] = [...(indexed.words.get(number) ?? [])];
  let at = 0;
  for (const field of plan.values) {
    const [first, second] = indexed.values.slice(at, at + field.columns.length);
    at += field.columns.length;
    if (first === null || first === undefined) continue;
    if (field.type === 'geo') found[valuePath(field)] = { lat: first, lon: second };
    else if (field.type !== 'keyword') found[valuePath(field)] = first;
  }
  for (const { field, value } of indexed.tags) {
    const name = `v${field}`;
    const list = found[name];
    if (Array.isArray(list)) list.push(value);
    else found[name] = [value];
  }
  const until = expires === undefined ? '' : `"${EXPIRES}":${expires},`;
  return `{"${DOCUMENT}":${text},${until}"${root}":${JSON.stringify(found)}}`;
}

/** Stands for a document that was deleted. */
export function tombstoneText(until: number): string {
  return `{"${GONE}":${until}}`;
}
