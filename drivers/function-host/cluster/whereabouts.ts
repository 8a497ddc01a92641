// The port to where Functions of a cluster are: what runs them, and whether somebody answers there now.

/** Where one Function is called. */
export type Place =
  /** Somebody answers at the address. */
  | { readonly state: 'up'; readonly url: string }
  /** Nobody does yet; `url` once that is known. */
  | { readonly state: 'starting'; readonly url: string | undefined }
  /** Nothing runs, and the first call brings it up. */
  | { readonly state: 'asleep'; readonly url: string | undefined }
  /** It was asked to have no instances. */
  | { readonly state: 'off' }
  /** It does not come up by itself; `why` for people. */
  | { readonly state: 'failing'; readonly why: string };

export interface Whereabouts {
  /** Quick: asked before each call. The same object as long as nothing has changed. */
  of(namespace: string, name: string): Place;
  /** Somebody calls it, or waits to. Said for each call; that it is told to anybody is bounded elsewhere. */
  called(namespace: string, name: string): void;
  /** Calls back when the place of a Function may have changed. */
  follow(changed: (namespace: string, name: string) => void): void;
}
