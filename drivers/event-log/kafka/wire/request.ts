// One exchange with a broker: what is sent, and how its answer is read.
import type { Definition } from 'kafkajs/src/protocol/requests/index.js';

export interface KafkaRequest<Answer> {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** Whether the version has the newer kind of header. */
  readonly flexible: boolean;
  encode(): Buffer | Promise<Buffer>;
  decode(payload: Buffer): Answer | Promise<Answer>;
}

/** A request that kafkajs encodes. Errors stand in its answer, which is not looked into here. */
export function kafkajsRequest<Arguments, Answer>(
  definition: Definition<Arguments, Answer>,
  version: number,
  args: Arguments,
): KafkaRequest<Answer> {
  const { request, response } = definition.protocol({ version })(args);
  return {
    apiKey: request.apiKey,
    apiVersion: request.apiVersion,
    flexible: false,
    encode: async () => (await request.encode()).buffer,
    decode: payload => response.decode(payload),
  };
}
