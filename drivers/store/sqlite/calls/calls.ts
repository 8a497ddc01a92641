// One request to the store's tables: operation, time, and what it needs, packed when it leaves.
import type { ByteReader, ByteWriter } from '../../../sqlite/bytes.ts';
import type { DatabaseClient } from '../../../sqlite/database.ts';
import type { StoreClock } from '../../clock.ts';

/** Bytes that a waiting request holds beside its values, about. */
const OVERHEAD = 256;

export interface Calls {
  write<T>(
    operation: number,
    bytes: number,
    pack: (out: ByteWriter) => void,
    unpack: (reply: ByteReader) => T,
  ): Promise<T>;
  read<T>(
    operation: number,
    pack: (out: ByteWriter) => void,
    unpack: (reply: ByteReader) => T,
    long?: boolean,
  ): Promise<T>;
}

export function createCalls(client: DatabaseClient, clock: StoreClock): Calls {
  const begin = (operation: number, pack: (out: ByteWriter) => void) => (out: ByteWriter) => {
    out.u8(operation);
    out.f64(clock.now());
    pack(out);
  };
  return {
    write: (operation, bytes, pack, unpack) => client.write(bytes + OVERHEAD, begin(operation, pack), unpack),
    read: (operation, pack, unpack, long) => client.read(begin(operation, pack), unpack, long),
  };
}
