// A caller of the admin API and its rights: to view, operate or administer, in some namespaces or
// in all.

/**
 * `view`: reads everything that the API shows, data of events included. `operate`: pauses, retries,
 * redrives, cancels. `administer`: deletes or changes data, and reads the audit log.
 */
export const verbs = ['view', 'operate', 'administer'] as const;
export type Verb = (typeof verbs)[number];

/** Each role may do what the one before it may. */
export const callerRoles = ['viewer', 'operator', 'admin'] as const;
export type CallerRole = (typeof callerRoles)[number];

export interface Grant {
  readonly role: CallerRole;
  /** Without it all of them, and what belongs to none. */
  readonly namespaces?: readonly string[] | undefined;
}

export interface Caller {
  /** For the audit log and for messages, such as `token ci`. */
  readonly name: string;
  /**
   * Undefined stands for all namespaces, and for what belongs to none. Rejects when that cannot be
   * found out.
   */
  may(verb: Verb, namespace: string | undefined): boolean | Promise<boolean>;
}

export function createCaller(name: string, grants: readonly Grant[]): Caller {
  return {
    name,
    may: (verb, namespace) =>
      grants.some(
        ({ role, namespaces }) =>
          callerRoles.indexOf(role) >= verbs.indexOf(verb) &&
          (namespaces === undefined || (namespace !== undefined && namespaces.includes(namespace))),
      ),
  };
}

/** The role that may do it, for messages. */
export function roleFor(verb: Verb): CallerRole {
  return callerRoles[verbs.indexOf(verb)] ?? 'admin';
}
