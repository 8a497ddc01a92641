// Knows what the caller may do where, so that a button can say who may use it.
import { signal } from '@preact/signals';
import type { Verb } from '../../admin/access/caller.ts';
import type { CallerRights } from '../../admin/access/scope.ts';
import { ask } from './ask.ts';
import { endpoints } from './endpoints.ts';
import { PROOF, proofOfSession } from './session.ts';

export const rights = signal<CallerRights | undefined>(undefined);

const ROLES: Readonly<Record<Verb, string>> = { view: 'viewer', operate: 'operator', administer: 'admin' };

/** The rights of a person say nothing about the next one at the same page. */
export async function learnRights(signal?: AbortSignal): Promise<void> {
  const session = proofOfSession()[PROOF];
  const known = await ask(endpoints.caller, { params: {} }, signal);
  if (proofOfSession()[PROOF] === session) rights.value = known;
}

export function forgetRights(): void {
  rights.value = undefined;
}

/** A sentence for people; undefined where the caller may. */
export function refusalOf(verb: Verb, namespace: string): string | undefined {
  const known = rights.value;
  if (known === undefined) return undefined;
  const here = known.namespaces.find(each => each.namespace === namespace)?.may ?? [];
  if (known.everywhere.includes(verb) || here.includes(verb)) return undefined;
  return `This needs the role ${ROLES[verb]} in ${namespace}. You are ${known.name}; ask an administrator for it.`;
}
