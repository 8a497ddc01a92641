// The error for a topic that the log does not have.
import { TenfoldError } from '../../core/errors.ts';

export function noTopic(name: string): TenfoldError {
  return new TenfoldError('not-found', `There is no topic ${name}.`);
}
