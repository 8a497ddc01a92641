// What the admin API needs to see of a running platform; the process that composes it all hands it over.
import type { FunctionStatus } from '../drivers/function-host/function-host.ts';
import type { Catalog } from '../resources/catalog/catalog.ts';

/** One way in from outside, for people: `GET /shop/orders/:id → function orders`. */
export interface RouteView {
  /** `Api` or `Strangler`, and its name. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Methods, upper case; empty means any. */
  readonly methods: readonly string[];
  readonly host: string | undefined;
  readonly path: string;
  /** e.g. `function orders` or `url https://…`. */
  readonly target: string;
}

export interface Addresses {
  /** Public door, e.g. `http://127.0.0.1:8080`. */
  readonly public: string;
  readonly internal: string;
  readonly admin: string;
}

export interface Readiness {
  readonly ready: boolean;
  /** What is missing, one sentence each. */
  readonly reasons: readonly string[];
}

export interface PlatformView {
  readonly version: string;
  readonly startedAt: number;
  readonly catalog: Pick<Catalog, 'current' | 'problems'>;
  addresses(): Addresses;
  readiness(): Readiness;
  functions(): readonly FunctionStatus[];
  routes(): readonly RouteView[];
  /** Prometheus text format. */
  metrics(): Promise<string>;
}
