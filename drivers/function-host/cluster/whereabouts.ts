// The port to where Functions of a cluster are: what runs them, and whether
// somebody answers there now.

/** The provider that runs it, from its status. */
interface RunBy {
  readonly provider?: string | undefined;
}

/** The address at which one Function is called. */
export type FunctionPlace =
  /**
   * An instance answers at the address. `since` is another text whenever its instances have begun
   * to change, or have finished changing.
   */
  | ({ readonly state: 'up'; readonly url: string; readonly since?: string | undefined } & RunBy)
  /** No instance answers yet; `url` once it is known. */
  | ({ readonly state: 'starting'; readonly url: string | undefined } & RunBy)
  /** Nothing runs, and the first call brings it up. */
  | ({ readonly state: 'asleep'; readonly url: string | undefined } & RunBy)
  /** It was asked to have no instances. */
  | { readonly state: 'off' }
  /** It has been deleted, and something still leads to it. */
  | { readonly state: 'gone' }
  /** It does not come up by itself; `why` for people. */
  | { readonly state: 'failing'; readonly why: string };

/** One of those that the address of a Function leads to. */
export interface Instance {
  /** Scheme, host and port, e.g. `http://10.42.0.7:8080`. */
  readonly origin: string;
  /** It is said to be ready. */
  readonly ready: boolean;
}

export interface Following {
  close(): void;
}

export interface Whereabouts {
  /** Quick: asked before each call. The same object as long as nothing has changed. */
  of(namespace: string, name: string): FunctionPlace;
  /**
   * A caller calls it, or waits to. Each call reports this; another part limits how often it is
   * passed on.
   */
  called(namespace: string, name: string): void;
  /**
   * So many of its instances only let calls time out. Said again and again while there are such;
   * that it is told is bounded elsewhere.
   */
  unresponsive?(namespace: string, name: string, instances: number): void;
  /** Calls back when the place of a Function may have changed. */
  follow(changed: (namespace: string, name: string) => void): void;
  /**
   * Says which instances a Function has, those that end left out, now and whenever that changes,
   * until it is closed; none whenever it is not known. Undefined where nobody can say. For a few
   * Functions at a time, and not for long.
   */
  followInstances(
    namespace: string,
    name: string,
    told: (instances: readonly Instance[]) => void,
  ): Following | undefined;
}
