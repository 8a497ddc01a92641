// What is used of kafkajs' own reader of records, which ours is compared with.
declare module 'kafkajs/src/protocol/decoder.js' {
  class Decoder {
    constructor(buffer: Buffer);
    offset: number;
    readVarInt(): number;
  }
  export = Decoder;
}

declare module 'kafkajs/src/protocol/recordBatch/record/v0/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';

  function readRecord(
    decoder: Decoder,
    batch: { readonly firstOffset: string; readonly firstTimestamp: string },
  ): {
    readonly offset: string;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, unknown>>;
  };
  export = readRecord;
}
