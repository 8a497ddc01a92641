// The page of a resource gives this to the part of its kind.

export interface KindPartProps {
  readonly namespace: string;
  readonly name: string;
  /** As it is written. */
  readonly manifest: unknown;
}
