// A route as the admin API shows it.

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
  /** Further conditions on a request, such as `header x-client is "mobile"`. */
  readonly conditions: readonly string[];
  /** e.g. `function orders` or `url https://…`. */
  readonly target: string;
  /** Names of the listeners that serve it; empty where none does. */
  readonly listeners: readonly string[];
}
