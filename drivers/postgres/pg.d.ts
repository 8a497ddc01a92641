// The parts of pg that the driver uses. Pinned exactly, as the package ships no types.
declare module 'pg' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex } from 'node:stream';
  import type { ConnectionOptions } from 'node:tls';

  export interface Answer {
    readonly rows: readonly (readonly unknown[])[];
    readonly rowCount: number | null;
  }
  interface Options {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: () => string;
    readonly database: string;
    readonly ssl: ConnectionOptions | false;
    readonly connectionTimeoutMillis: number;
    readonly query_timeout: number;
    readonly keepAlive: boolean;
    readonly application_name: string;
    readonly stream: () => Duplex;
  }
  export interface Found {
    readonly rows: readonly Readonly<Record<string, unknown>>[];
  }
  export class Client extends EventEmitter {
    constructor(options: Options | string);
    connect(): Promise<void>;
    query(text: string, values?: readonly unknown[]): Promise<Found>;
    query(question: { readonly text: string; readonly values: readonly unknown[]; rowMode: 'array' }): Promise<Answer>;
    end(): Promise<void>;
  }
}
