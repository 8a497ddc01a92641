// What the contract of providers looks at, in the same words for each of them.
import type { Observation } from '../../../k8s/providers/provider.ts';

/**
 * A Function as its provider has it; undefined members are what the
 * provider leaves to its platform.
 */
export interface Seen {
  readonly image: string;
  readonly least: number;
  readonly most: number;
  /** Values, or where they come from. */
  readonly variables: Readonly<Record<string, string>>;
  readonly memory: { readonly request: string; readonly limit: string };
  readonly timeoutSeconds: number;
  readonly readOnlyRoot: boolean;
  /** Non-root, no capabilities, no escalation, seccomp. */
  readonly restricted: boolean | undefined;
  readonly serviceLinks: boolean | undefined;
  readonly accountToken: boolean | undefined;
  readonly probes: boolean | undefined;
  readonly spread: boolean | undefined;
  /** Kept from the outside of the cluster. */
  readonly inside: boolean | undefined;
  /** Percent of the calls that its newest version is to get, while others go to one before. */
  readonly canary?: number | undefined;
  /** Kept from where clouds tell machines their secrets. */
  readonly egress: boolean | undefined;
}

export interface Harness {
  readonly name: 'deployment' | 'knative' | 'openfaas';
  /** What its platform decides and no Function can. */
  readonly leaves: readonly (keyof Seen)[];
  /** Whether it divides the calls of one Function between its versions. */
  readonly canaries: boolean;
  url(name: string): string;
  see(name: string): Promise<Seen | undefined>;
  /** What the platform would report by itself. */
  report(name: string, state: Observation['state']): Promise<void>;
  /** What the platform does in its own time with what was deleted. */
  settle(): Promise<void>;
}
