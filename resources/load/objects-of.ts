// The objects of a List of Kubernetes, as `kubectl get --output=yaml` prints several.
import type { ParsedDocument } from './parse-documents.ts';

/** The document itself, where it is no List or has mistakes in its syntax. */
export function objectsOf(document: ParsedDocument): ParsedDocument[] {
  const { value, errors, warnings, locate } = document;
  const items = errors.length === 0 ? itemsOf(value) : undefined;
  if (items === undefined) return [document];
  return items.map((item, index) => ({
    value: item,
    errors,
    // They are about the text, and said once.
    warnings: index === 0 ? warnings : [],
    origin: locate(['items', index]),
    locate: (path, part, offset) => locate(['items', index, ...path], part, offset),
  }));
}

function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { apiVersion, kind, items } = value as Readonly<Record<string, unknown>>;
  return apiVersion === 'v1' && kind === 'List' && Array.isArray(items) ? items : undefined;
}
