// The roles that the configuration gives to users and groups whom somebody else knows.
import type { Grant } from '../../../admin/access/caller.ts';

/** The role of a group, or of a user. */
export interface RoleOf extends Grant {
  readonly group?: string | undefined;
  readonly user?: string | undefined;
}

export function grantsOf(roles: readonly RoleOf[], name: string, groups: readonly unknown[]): readonly Grant[] {
  return roles.filter(({ group, user }) => (group === undefined ? user === name : groups.includes(group)));
}
