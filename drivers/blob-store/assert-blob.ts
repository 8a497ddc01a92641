// Refuses keys and metadata that not every blob store can keep.
import { TenfoldError } from '../../core/errors.ts';
import { MAX_BLOB_PAGE, type PutBlob } from './blob-store.ts';

const MAX_KEY = 1024;
const MAX_METADATA = 2048;

export function assertBlobKey(key: string): void {
  const wrong = whyNoKey(key);
  if (wrong !== undefined) throw invalid(wrong);
}

export const isBlobKey = (text: string): boolean => whyNoKey(text) === undefined;

function whyNoKey(key: string): string | undefined {
  if (key === '') return 'The key is empty.';
  if (Buffer.byteLength(key) > MAX_KEY) return `The key '${key.slice(0, 40)}…' is longer than ${MAX_KEY} bytes.`;
  if (!key.isWellFormed() || /[\0-\u001f\u007f]/.test(key))
    return `The key '${key.toWellFormed().replace(/[\0-\u001f\u007f]/g, '\uFFFD')}' has characters that cannot be in a key.`;
  const wrong = key.split('/').find(part => part === '' || part === '.' || part === '..');
  return wrong === undefined
    ? undefined
    : `The key '${key}' has a part '${wrong}' between its slashes; none may be empty, '.' or '..'.`;
}

export function assertBlobOptions({ contentType, metadata = {}, maxBytes }: PutBlob): void {
  if (contentType !== undefined && !/^[\x20-\x7e]{1,255}$/.test(contentType))
    throw invalid('The content type must be 1 to 255 characters of printable ASCII.');
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[a-z0-9-]{1,128}$/.test(name))
      throw invalid(`The name '${name}' in the metadata must be lower-case letters, digits and dashes.`);
    if (!/^([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?$/.test(value))
      throw invalid(`The value of '${name}' in the metadata must be printable ASCII, without spaces at its ends.`);
    bytes += name.length + value.length;
  }
  if (bytes > MAX_METADATA) throw invalid(`The metadata has ${bytes} bytes; ${MAX_METADATA} are allowed.`);
  if (maxBytes !== undefined && !(maxBytes >= 0))
    throw invalid(`The longest body is ${maxBytes} bytes; it must be a number from 0 on.`);
}

export function assertBlobPage(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_BLOB_PAGE)
    throw invalid(`The limit is ${limit}; it must be a whole number from 1 to ${MAX_BLOB_PAGE}.`);
}

function invalid(message: string): TenfoldError {
  return new TenfoldError('invalid-input', message);
}
