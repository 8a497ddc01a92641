// Reads the file of a configuration, and what its values lead to: secrets and other files.
import { readFileSync } from 'node:fs';
import { decode } from '../../resources/load/decode.ts';
import { type ParsedDocument, parseDocuments } from '../../resources/load/parse-documents.ts';
import type { Origin } from '../../resources/resource.ts';
import type { ConfigReader } from './fields.ts';

export function readDocument(file: string): Pick<ParsedDocument, 'value' | 'errors' | 'locate'> {
  const origin = { file, line: 1, column: 1 };
  const refused = (message: string, at: Origin = origin) => ({
    value: undefined,
    errors: [{ message, origin: at }],
    locate: () => origin,
  });
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return refused(`The file cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const decoded = decode(bytes);
  if ('message' in decoded) return refused(decoded.message);
  const [document, another] = parseDocuments(file, decoded.text);
  if (another) return refused('A configuration is one document. Remove what follows "---".', another.origin);
  if (!document) return { value: {}, errors: [], locate: () => origin };
  const { value, errors } = document;
  if (errors.length === 0 && (typeof value !== 'object' || value === null || Array.isArray(value)))
    return refused('A configuration is an object of settings, such as: public: { port: 8080 }', document.origin);
  return document;
}

/** Reads secrets of the variables `env`. */
export function readerOf(env: Readonly<Record<string, string | undefined>>): ConfigReader {
  const file = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : error;
      throw new Error(`The file ${path} cannot be read (${code}).`, { cause: error });
    }
  };
  return {
    file,
    secret(reference) {
      if (reference.file !== undefined) return file(reference.file).replace(/\r?\n$/, '');
      const text = env[reference.env];
      if (text === undefined || text === '') throw new Error(`The variable ${reference.env} is not set.`);
      return text;
    },
  };
}
