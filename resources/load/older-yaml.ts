// The texts that YAML 1.1, which kubectl and Helm read, takes for true or false; we read YAML 1.2,
// where they are text.
import { type Document, visit } from 'yaml';
import type { DocumentFault } from './document-faults.ts';

const TRUE = /^(?:[yY](?:es)?|YES|[oO]n|ON)$/;
const FALSE = /^(?:[nN]o?|NO|[oO]ff|OFF)$/;

/**
 * Keys and values, in the order in which they are written. For such a key an API server only
 * reports that there is no field "true".
 */
export function readOtherwise(document: Document): DocumentFault[] {
  const found: DocumentFault[] = [];
  visit(document, {
    Scalar(_part, { type, tag, source = '', range }) {
      if (type !== 'PLAIN' || tag !== undefined) return;
      const taken = TRUE.test(source) ? 'true' : FALSE.test(source) ? 'false' : undefined;
      if (taken === undefined) return;
      const message = `kubectl and Helm read YAML 1.1, which takes ${source} without quotes for ${taken}. Write "${source}".`;
      found.push({ message, offset: range?.[0] ?? 0 });
    },
  });
  return found;
}
