// Decides which provider is to run a Function. Pure.
import type { FunctionProvider, ProviderName } from '../../providers/provider.ts';

export interface Choice {
  /** The provider that the Function's spec names. */
  readonly asked: ProviderName | undefined;
  /** The provider of the operator's configuration, for Functions that ask for none. */
  readonly preferred: ProviderName | undefined;
  /** The providers that the cluster has, the best first. */
  readonly available: readonly FunctionProvider[];
  /** The providers that hold objects of the Function. */
  readonly holding: readonly FunctionProvider[];
}

/**
 * A Function that asks for none stays where it is: installing Knative for something else moves
 * nothing. Undefined when the provider that it should have is not there.
 */
export function chooseProvider({ asked, preferred, available, holding }: Choice): FunctionProvider | undefined {
  const named = asked ?? preferred;
  if (named !== undefined) return available.find(({ name }) => name === named);
  return available.find(one => holding.includes(one)) ?? available[0];
}

export function whyNone({ asked, preferred, available }: Choice): string {
  const names = available.map(({ name }) => name).join(', ');
  return asked === undefined
    ? `There is no provider "${preferred}" here, which the operator is set to. Name one of these in spec.provider: ${names}.`
    : `There is no provider "${asked}" here. Leave spec.provider out, or take one of: ${names}.`;
}
