// The rights of pages from other origins on a route (Fetch standard, CORS protocol), compiled once.
import { createOriginTest } from './origins.ts';

export interface CorsSpec {
  readonly origins: readonly string[];
  readonly methods?: readonly string[] | undefined;
  readonly headers?: readonly string[] | undefined;
  readonly exposeHeaders: readonly string[];
  readonly credentials: boolean;
  /** Milliseconds. */
  readonly maxAge: number;
}

export interface Cors {
  readonly spec: CorsSpec;
  /** Whether every origin is allowed, so that the answer does not depend on it. */
  readonly open: boolean;
  allows(origin: string): boolean;
  /**
   * Fields that let pages of `origin`, which is allowed, read an answer; name and value in turn.
   */
  grant(origin: string): readonly string[];
}

export function compileCors(spec: CorsSpec): Cors {
  const open = spec.origins.includes('*');
  const credentials = spec.credentials ? ['access-control-allow-credentials', 'true'] : [];
  const openGrant = ['access-control-allow-origin', '*'];
  return {
    spec,
    open,
    allows: createOriginTest(spec.origins),
    grant: origin => (open ? openGrant : ['access-control-allow-origin', origin, ...credentials]),
  };
}
