// A proxy that the gateway is measured against.

export interface Peer {
  /** Without it Node. */
  readonly program?: string;
  args(port: number): readonly string[];
}
