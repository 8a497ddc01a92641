// The page of a resource gives this to the part of its kind.

export interface KindPartProps {
  readonly namespace: string;
  readonly name: string;
  /** The resource as it is written. */
  readonly manifest: unknown;
}
