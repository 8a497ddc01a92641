// Hosts and path prefixes that an installation assigns to namespaces: they go before earlier
// declarations of others.
import { withoutTrailingSlashes } from '../../core/paths/trailing-slashes.ts';
import type { Claim } from './claims.ts';
import { ANY_HOST, covers, meet, type Territory, territoriesOf } from './territory.ts';

export interface Assignment {
  readonly territory: Territory;
  readonly namespace: string;
}

const WRITTEN = /^((?:\*\.)?[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)?(\/[^\s=:*?#]*)?=([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)$/;

/**
 * Written as `shop.example.com=shop`, `/shop=shop` or `*.example.com/shop=shop`;
 * undefined when it is not.
 */
export function parseAssignment(text: string): Assignment | undefined {
  const [, host, path, namespace] = WRITTEN.exec(text) ?? [];
  if (namespace === undefined || (host === undefined && path === undefined)) return undefined;
  const prefix = withoutTrailingSlashes(path ?? '');
  const [territory] = territoriesOf(host ?? ANY_HOST, `${prefix}/*`).slice(-1);
  return territory && { territory, namespace };
}

/**
 * The most specific one that has all of the territory: a named host goes before `*.`, that before
 * any host, then the longer path.
 */
export function assignmentOf(
  assignments: readonly Assignment[],
  territory: Territory,
  /** Whether it counts: where its namespace is not served, it keeps nobody out. */
  counts: (one: Assignment) => boolean = () => true,
): Assignment | undefined {
  let found: Assignment | undefined;
  for (const one of assignments) {
    if (!covers(one.territory, territory) || (found && !isMoreSpecific(one.territory, found.territory))) continue;
    if (counts(one)) found = one;
  }
  return found;
}

export function isMoreSpecific(one: Territory, other: Territory): boolean {
  const byHost = rankOfHost(one.host) - rankOfHost(other.host);
  return byHost === 0 ? one.segments.length > other.segments.length : byHost < 0;
}

function rankOfHost(host: string): number {
  return host === ANY_HOST ? 2 : host.startsWith('*.') ? 1 : 0;
}

/** The place of a route; a route without a host matches every host. */
export interface RoutePlace {
  readonly namespace: string;
  readonly host: string | undefined;
  readonly path: string;
}

/** Whether a route may answer a request with this host and path. */
type MayAnswer = (host: string, path: string) => boolean;

/** The limit of a route; undefined for one that meets nothing of another namespace's. */
export type LimitOf = (route: RoutePlace) => MayAnswer | undefined;

/** Undefined where nothing is assigned. `claims`: of the resources that are served. */
export function createLimits(assignments: readonly Assignment[], claims: readonly Claim[]): LimitOf | undefined {
  if (assignments.length === 0) return undefined;
  const granting = Map.groupBy(
    claims.filter(({ grants }) => grants.size > 0),
    ({ namespace }) => namespace,
  );
  const mayAnswer = (namespace: string, host: string, path: string) =>
    territoriesOf(host, path, 'request').every(asked => {
      const owner = assignmentOf(assignments, asked)?.namespace;
      if (owner === undefined || owner === namespace) return true;
      return (granting.get(owner) ?? []).some(
        ({ territory, grants }) => grants.has(namespace) && covers(territory, asked),
      );
    });
  return ({ namespace, host = ANY_HOST, path: written }) => {
    const meetsOthers = territoriesOf(host, written).some(territory =>
      assignments.some(one => one.namespace !== namespace && meet(one.territory, territory) !== undefined),
    );
    return meetsOthers ? (asked, path) => mayAnswer(namespace, asked, path) : undefined;
  };
}
