// The connections between all processes and one service, which lead through a proxy.
import type { TcpProxy } from '../../services/proxy.ts';

export interface Link {
  /** Of the service. */
  readonly name: string;
  readonly proxy: TcpProxy;
  /** What workers know of attempts they keep there. */
  readonly keepsAttempts: boolean;
}
