// The error for questions and documents that no search index can take.
import { TenfoldError } from '../../core/errors.ts';

export function invalidSearch(message: string): TenfoldError {
  return new TenfoldError('invalid-input', message);
}
