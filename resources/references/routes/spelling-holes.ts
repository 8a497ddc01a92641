// Routes that are stricter than a wider one to the same target, and that other spellings of their
// paths get around: servers take them for one path.
import { compareShapes, matchShape } from '../../../core/paths/path-shape.ts';
import { foldPath } from '../../../core/paths/path-spelling.ts';
import { formatPath } from '../../load/path.ts';
import type { ResourceProblem } from '../../resource.ts';
import { type Check, problemAt } from '../check.ts';
import { type GuardedPlace, type GuardedRoute, guardedRoutes, isGuarded, isWeaker } from './guarded-routes.ts';
import { exclude } from './route-entries.ts';

/** How many spellings a warning names. */
const NAMED = 4;

export const spellingHoles: Check = ({ resources }) => {
  const routes = guardedRoutes(resources);
  const byTarget = Map.groupBy(
    routes.flatMap(route => route.targets.map(target => ({ target, route }))),
    ({ target }) => target.name,
  );
  const told = new Set<string>();
  return [...byTarget.values()].flatMap(group =>
    group.flatMap(({ target, route: strict }) => {
      if (!isGuarded(strict)) return [];
      const rivals = group.filter(
        ({ target: other, route: wide }) => wide.id !== strict.id && isHole(strict, wide) && other.base === target.base,
      );
      return rivals.flatMap(({ route: wide }): ResourceProblem[] => {
        const key = `${strict.id} ${wide.id}`;
        const open = told.has(key) ? [] : openSpellings(strict, wide, routes);
        if (open.length === 0) return [];
        told.add(key);
        return [warning(strict, wide, open)];
      });
    }),
  );
};

/** Whether what passes by `strict` may take `wide`, and is asked for less there. */
function isHole(strict: GuardedRoute, wide: GuardedRoute): boolean {
  return isWeaker(wide, strict) && sharesMethod(strict, wide) && !exclude(strict, wide);
}

/** On the hosts of both: the other spellings of the path of `strict` that `wide` answers. */
function openSpellings(strict: GuardedRoute, wide: GuardedRoute, routes: readonly GuardedRoute[]): Spelling[] {
  const host = coversHost(wide.host, strict.host) ? strict.host : wide.host;
  if (!coversHost(strict.host, host)) return [];
  const there = routes.filter(
    other =>
      coversHost(other.host, host) &&
      coversMethods(other, strict) &&
      (other.conditions.size === 0 || other.id === strict.id),
  );
  const takes = (route: GuardedRoute, path: string) => {
    const taken = placeOf(route, path);
    return (
      taken !== undefined &&
      !there.some(other => {
        const place = other.id === route.id ? undefined : placeOf(other, path);
        return place !== undefined && goesBefore({ ...place, host: other.host }, { ...taken, host: route.host });
      })
    );
  };
  if (!takes(strict, ownPath(strict))) return [];
  return spellingsOf(strict).filter(({ path }) => takes(wide, path) && !refuses(wide, path));
}

interface Rank extends GuardedPlace {
  readonly host: string;
}

/** The order of routes in the gateway (gateway/routing/router.ts). */
function goesBefore(one: Rank, other: Rank): boolean {
  const byHost = rankOfHost(one.host) - rankOfHost(other.host);
  if (byHost !== 0) return byHost < 0;
  return (compareShapes(one.shape, other.shape) || Number(one.implied) - Number(other.implied)) < 0;
}

/** The first place of the route that takes the path. */
function placeOf({ options, places }: GuardedRoute, asked: string): GuardedPlace | undefined {
  const folded = foldPath(asked, { letterCase: !options.caseSensitive, matrix: options.matrix === 'ignore' });
  return places.find(({ shape }) => matchShape(shape, folded) !== undefined);
}

/** The path with a value in place of parameters. */
function ownPath({ path }: GuardedRoute): string {
  return path.replace(/:[^/]+/g, 'x').replace(/\*$/, 'x');
}

interface Spelling {
  readonly kind: 'letters' | 'slash' | 'matrix' | 'escaped';
  readonly path: string;
}

/**
 * The paths that some kind of server takes for the path of the route, with a value in place of
 * parameters.
 */
function spellingsOf({ path }: GuardedRoute): Spelling[] {
  const open = path.endsWith('/*');
  const end = open ? '/x' : '';
  const parts = (open ? path.slice(0, -2) : path).split('/').slice(1);
  const filled = parts.map(part => (part.startsWith(':') ? 'x' : part));
  const plain = `/${filled.join('/')}`;
  const withPart = (index: number, part: string) => `/${filled.with(index, part).join('/')}${end}`;
  const joined = (index: number) => `/${filled.slice(0, index).join('/')}%2F${filled.slice(index).join('/')}${end}`;
  const closed = plain.endsWith('/') ? plain.slice(0, -1) : `${plain}/`;
  const found: Readonly<Record<Spelling['kind'], readonly string[]>> = {
    letters: parts.flatMap((part, index) =>
      part.startsWith(':') ? [] : otherCase(part).map(each => withPart(index, each)),
    ),
    slash: [open ? plain : closed],
    matrix: [...filled.map((part, index) => withPart(index, `${part};x`)), `/;x${plain}${end}`],
    escaped: [...parts.slice(1).map((_, index) => joined(index + 1)), open ? `${plain}%2Fx` : `${plain}%2F`],
  };
  return (['letters', 'slash', 'matrix', 'escaped'] as const).flatMap(kind =>
    found[kind].filter(each => each !== '').map(each => ({ kind, path: each })),
  );
}

function otherCase(part: string): string[] {
  const upper = (text: string) => (text.startsWith('%') ? text : text.toUpperCase());
  const first = part.replace(/%[0-9A-F]{2}|[a-z]/, upper);
  const last = part.replace(/[a-z](?=(?:%[0-9A-F]{2}|[^a-z%])*$)/, upper);
  const lower = foldPath(part, { letterCase: true, matrix: false });
  return [...new Set([first, lower, last])].filter(each => each !== part);
}

function refuses({ options }: GuardedRoute, path: string): boolean {
  if (options.escapedSlash === 'refuse' && path.includes('%2F')) return true;
  if (options.matrix === 'refuse') return path.includes(';');
  return options.matrix === 'ignore' && /\/;[^/]*\//.test(path);
}

function warning(strict: GuardedRoute, wide: GuardedRoute, open: readonly Spelling[]): ResourceProblem {
  const { file, line } = wide.resource.locate(wide.at);
  const { kind, metadata } = wide.resource;
  const named = open.slice(0, NAMED);
  const more = open.length > NAMED ? ' and more' : '';
  const message =
    `Many servers take ${named.map(({ path }) => path).join(', ')}${more} for this path, but such a request takes ${formatPath(wide.at)} of the ${kind} "${metadata.name}" (${file}:${line}) ` +
    `to the same target, which does not ask for what this route asks for. ${advice(open, strict, wide)}`;
  return problemAt(strict.resource, strict.at, { severity: 'warning', message });
}

function advice(open: readonly Spelling[], strict: GuardedRoute, wide: GuardedRoute): string {
  const at = strict.resource === wide.resource ? '' : ` of the ${wide.resource.kind}`;
  const wishes: Readonly<Record<Spelling['kind'], string>> = {
    letters: 'spec.path.caseSensitive: false',
    slash: 'spec.path.trailingSlash: ignore',
    matrix: `spec.path.matrix: refuse${at}`,
    escaped: `spec.path.escapedSlash: refuse${at}`,
  };
  const kinds = new Set(open.map(({ kind }) => kind));
  return `Set ${[...kinds].map(kind => wishes[kind]).join(', ')}; or let the other route ask for the same.`;
}

function sharesMethod(one: GuardedRoute, other: GuardedRoute): boolean {
  return !one.methods || !other.methods || one.methods.some(method => other.methods?.includes(method));
}

function coversMethods(other: GuardedRoute, strict: GuardedRoute): boolean {
  return !other.methods || (strict.methods?.every(method => other.methods?.includes(method)) ?? false);
}

function coversHost(outer: string, inner: string): boolean {
  const [wide, host] = [outer.toLowerCase(), inner.toLowerCase()];
  if (wide === host || wide === '*') return true;
  return wide.startsWith('*.') && !host.startsWith('*') && host.slice(host.indexOf('.')) === wide.slice(1);
}

function rankOfHost(host: string): number {
  return host === '*' ? 2 : host.startsWith('*.') ? 1 : 0;
}
