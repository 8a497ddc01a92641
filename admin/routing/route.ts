// One endpoint of the admin API as it is declared: what it takes, which right it needs and where,
// and how it answers.
import type { Request, Response } from 'express';
import type * as z from 'zod';
import type { Verb } from '../access/caller.ts';
import type { Place, Scope } from '../access/scope.ts';
import type { CatalogueItem } from '../catalogue/catalogue.ts';
import type { Gathered } from '../gathered.ts';
import type { Graph } from '../graph/graph-view.ts';
import type { Live } from '../live/live.ts';
import type { PlatformView } from '../platform-view.ts';
import { parseBody } from './body.ts';
import { readQuery } from './query.ts';

type NamesIn<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | NamesIn<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;

export interface Asked<P extends string, Q extends string, B> {
  readonly params: Readonly<Record<NamesIn<P>, string>>;
  readonly query: Partial<Readonly<Record<Q, string>>>;
  readonly body: B;
}

export interface Given {
  /** The platform as the caller may see it. */
  readonly view: PlatformView;
  /** All of it, for answers that are decided from more than they show. */
  readonly whole: PlatformView;
  readonly scope: Scope;
  /** Aborts when the caller has left, and with a TenfoldError when it has lost its right. */
  readonly signal: AbortSignal;
  /** For answers that come piece by piece. */
  readonly response: Response;
  readonly live: Live;
  /** The graph of all namespaces; `known`: a newer one will do. */
  graphs(known?: Gathered): Promise<Graph>;
  /** The Topics of all namespaces, sorted. */
  catalogue(): Promise<readonly CatalogueItem[]>;
  /**
   * Called when the caller may see something else than before, while an answer of `events` goes on.
   */
  onScope(listener: (scope: Scope) => void): void;
}

export type Call<P extends string, Q extends string, B> = Asked<P, Q, B> & Given;

type Where = 'path' | 'query' | 'each' | 'platform' | 'anyone';

export interface RouteDeclaration<P extends string, Q extends string, B> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api`, with parameters as `:name`. */
  readonly path: P;
  /** One sentence for people. */
  readonly does: string;
  readonly needs: Verb | ((asked: Asked<P, Q, B>) => Verb);
  /**
   * The place of what it touches. `path`: in the namespace of its path. `query`: in that of its
   * query, or where there is none in each that the caller may see. `each`: in each of these.
   * `platform`: in all, or in none. `anyone`: it touches nothing, and is for every caller.
   */
  readonly where: Where | ((asked: Asked<P, Q, B>) => Place);
  readonly query?: readonly Q[];
  readonly body?: BodyDeclaration<B>;
  /** Set for a method other than GET that changes nothing: the audit log does without it. */
  readonly asks?: true;
  /** 200 without it, or 204 for an answer without content. */
  readonly status?: number;
  /** Set for an answer of one JSON document a line. */
  readonly lines?: true;
  /** Set for an answer of server-sent events. */
  readonly events?: true;
  /** Its result is the answer, unless it has written one. */
  answer(call: Call<P, Q, B>): unknown;
}

export interface BodyDeclaration<B> {
  readonly schema: z.ZodType<B>;
  /** Largest body, e.g. `16kb`. */
  readonly limit: string;
}

/** A request that was read: what it needs, and the answer once that is granted. */
export interface ReadRequest {
  readonly verb: Verb;
  readonly place: Place;
  answer(given: Given): unknown;
}

export interface AdminRoute
  extends Pick<
    RouteDeclaration<string, string, unknown>,
    'method' | 'path' | 'does' | 'asks' | 'status' | 'lines' | 'events'
  > {
  /** Undefined where it depends on the request. */
  readonly verb: Verb | undefined;
  readonly where: Where | 'request';
  readonly query: readonly string[];
  readonly body: BodyDeclaration<unknown> | undefined;
  read(request: Pick<Request, 'params' | 'query' | 'body'>): ReadRequest;
}

export function route<const P extends string, const Q extends string = never, B = undefined>(
  declared: RouteDeclaration<P, Q, B>,
): AdminRoute {
  const { method, path, does, needs, where, query = [], body, asks, status, lines, events } = declared;
  if (where === 'path' && !path.includes('/:namespace')) throw new Error(`${path} names no namespace.`);
  if (where === 'query' && !query.some(name => name === 'namespace')) throw new Error(`${path} asks for no namespace.`);
  return {
    method,
    path,
    does,
    ...(asks && { asks }),
    ...(lines && { lines }),
    ...(events && { events }),
    ...(status !== undefined && { status }),
    verb: typeof needs === 'function' ? undefined : needs,
    where: typeof where === 'function' ? 'request' : where,
    query,
    body,
    read(request) {
      const asked: Asked<P, Q, B> = {
        // Express gives each name of the path.
        params: request.params as Asked<P, Q, B>['params'],
        query: readQuery(request.query, query),
        body: body === undefined ? (undefined as B) : parseBody(body.schema, request.body ?? {}),
      };
      const named = where === 'path' ? request.params['namespace'] : request.query['namespace'];
      return {
        verb: typeof needs === 'function' ? needs(asked) : needs,
        place: typeof where === 'function' ? where(asked) : placeOf(where, named),
        answer: given => declared.answer({ ...asked, ...given }),
      };
    },
  };
}

function placeOf(where: Where, named: unknown): Place {
  if (where === 'each' || where === 'platform' || where === 'anyone') return where;
  return typeof named === 'string' ? { namespace: named } : 'each';
}
