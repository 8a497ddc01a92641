// Reads which Subscription or Queue a path or a query names.
import { TenfoldError } from '../../core/errors.ts';
import type { ConsumerName } from '../event-view.ts';

interface Written {
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export function toConsumerName({ kind, namespace = 'default', name }: Written): ConsumerName {
  if (kind !== 'Subscription' && kind !== 'Queue') {
    throw new TenfoldError(
      'bad-request',
      `Events are consumed by the kinds Subscription and Queue, not by ${(kind ?? 'none').slice(0, 40)}.`,
    );
  }
  if (name === undefined) throw new TenfoldError('bad-request', `It is not said which ${kind}.`);
  return { kind, namespace, name };
}
