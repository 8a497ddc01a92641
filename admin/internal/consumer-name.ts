// Reads which Subscription, Queue, View, sync of a Strangler, … a path or a query names.
import { TenfoldError } from '../../core/errors.ts';
import type { Place } from '../access/scope.ts';
import { type ConsumerName, consumerKinds } from '../consumer-name.ts';

interface Written {
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

export function toConsumerName({ kind: text, namespace = 'default', name }: Written): ConsumerName {
  const kind = consumerKinds.find(each => each === text);
  if (kind === undefined) {
    throw new TenfoldError(
      'bad-request',
      `Events are consumed by the kinds ${consumerKinds.join(', ')}, not by ${(text ?? 'none').slice(0, 40)}.`,
    );
  }
  if (name === undefined) throw new TenfoldError('bad-request', `It is not said which ${kind}.`);
  return { kind, namespace, name };
}

/** The query of a list: for one consumer, or for all in a namespace or in every one. */
export function toOwner(written: Written): { readonly consumer?: ConsumerName; readonly namespace?: string } {
  const { kind, name, namespace } = written;
  if (kind !== undefined || name !== undefined) return { consumer: toConsumerName(written) };
  return namespace === undefined ? {} : { namespace };
}

/** The place of such a list. */
export function placeOf({ kind, name, namespace }: Written): Place {
  if (namespace !== undefined) return { namespace };
  return kind === undefined && name === undefined ? 'each' : { namespace: 'default' };
}
