// The namespaces that one request may touch, and the refusals that say which right is missing.
import { TenfoldError } from '../../core/errors.ts';
import type { PlatformView } from '../platform-view.ts';
import { type Caller, roleFor, type Verb, verbs } from './caller.ts';

export interface Scope {
  /** All namespaces, and what belongs to none. */
  readonly all: boolean;
  has(namespace: string): boolean;
}

export interface CallerRights {
  /** As in the audit log. */
  readonly name: string;
  /** In all namespaces, and for what belongs to none. */
  readonly everywhere: readonly Verb[];
  /** Only namespaces in which the caller may do something. */
  readonly namespaces: readonly { readonly namespace: string; readonly may: readonly Verb[] }[];
}

const EVERYTHING: Scope = { all: true, has: () => true };
const NOTHING: Scope = { all: false, has: () => false };

/** The place that a request touches: one namespace, those that the caller may see, or all. */
export type Place = { readonly namespace: string } | 'each' | 'platform' | 'anyone';

/** Rejects with `forbidden` when the caller may not do it there. */
export async function admit(caller: Caller, verb: Verb, place: Place, view: PlatformView): Promise<Scope> {
  if (place === 'anyone') return NOTHING;
  if (await caller.may(verb, undefined)) return EVERYTHING;
  if (place === 'platform') throw refuse(caller, verb, 'in all namespaces', roleFor(verb));
  const known = namespacesOf(view);
  if (place === 'each') {
    const scope = await scopeOf(caller, verb, known);
    if (known.size > 0 && scope.size === 0) throw refuse(caller, verb, 'in any namespace', roleFor(verb));
    return { all: false, has: namespace => scope.has(namespace) };
  }
  const { namespace } = place;
  if (!(await caller.may(verb, namespace))) {
    throw refuse(caller, verb, `in namespace "${namespace.slice(0, 63)}"`, roleFor(verb), namespace);
  }
  // An event of a shared Topic has consumers in other namespaces, which need a right of their own.
  const seen = await scopeOf(caller, 'view', known);
  return { all: false, has: name => name === namespace || seen.has(name) };
}

/** For people, who are to see what they may do before they try. */
export async function rightsOf(caller: Caller, view: PlatformView): Promise<CallerRights> {
  const rightsIn = async (namespace: string | undefined) => {
    const may = await Promise.all(verbs.map(async verb => ((await caller.may(verb, namespace)) ? [verb] : [])));
    return may.flat();
  };
  const names = [...namespacesOf(view)].toSorted();
  const namespaces = await Promise.all(names.map(async namespace => ({ namespace, may: await rightsIn(namespace) })));
  return {
    name: caller.name,
    everywhere: await rightsIn(undefined),
    namespaces: namespaces.filter(({ may }) => may.length > 0),
  };
}

async function scopeOf(caller: Caller, verb: Verb, known: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const asked = await Promise.all([...known].map(async name => ((await caller.may(verb, name)) ? [name] : [])));
  return new Set(asked.flat());
}

/** The namespaces that hold something known. */
export function namespacesOf({ catalog, notInForce, functions }: PlatformView): ReadonlySet<string> {
  return new Set([
    ...(catalog.current?.resources.all ?? []).map(({ metadata }) => metadata.namespace),
    ...(notInForce?.() ?? []).map(({ namespace }) => namespace),
    ...functions().map(({ namespace }) => namespace),
  ]);
}

function refuse({ name }: Caller, verb: Verb, where: string, role: string, namespace?: string): TenfoldError {
  const message = `"${name}" may not ${verb} ${where}. Ask an administrator for the role ${role} there, or act as somebody who has it.`;
  return new TenfoldError('forbidden', message, {
    extensions: { needs: { verb, role, ...(namespace === undefined ? {} : { namespace }) } },
  });
}
