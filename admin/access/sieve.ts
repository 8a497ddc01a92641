// Leaves out of an answer what is in namespaces that the caller has no right in.
import { TenfoldError } from '../../core/errors.ts';
import type { Scope } from './scope.ts';

export interface Sieve {
  keep<T extends { readonly namespace: string }>(items: readonly T[]): readonly T[];
  /** Throws `forbidden`. */
  check(namespace: string): void;
  has(namespace: string): boolean;
}

export function sieveOf({ has }: Pick<Scope, 'has'>): Sieve {
  return {
    has,
    keep: items => items.filter(({ namespace }) => has(namespace)),
    check(namespace) {
      if (!has(namespace)) throw new TenfoldError('forbidden', 'The caller has no right in that namespace.');
    },
  };
}

export function refuse(): never {
  throw new TenfoldError('forbidden', 'This is of all namespaces, and the caller has a right in some alone.');
}
