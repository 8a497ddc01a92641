// Proves to a broker who one is: PLAIN (RFC 4616) and SCRAM (RFC 5802), inside Kafka's own frames.
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import type { World } from '../../../../core/world.ts';
import { FAULT, KafkaFault } from '../kafka-error.ts';
import { WireReader, WireWriter } from '../wire/bytes.ts';
import type { KafkaRequest } from '../wire/request.ts';
import type { BrokerConnection } from './broker-connection.ts';
import type { KafkaSasl } from './connection-options.ts';

interface Handshake {
  readonly error: number;
  readonly mechanisms: readonly string[];
}

interface Challenge {
  readonly error: number;
  readonly message: string | null;
  readonly bytes: Buffer;
  /** 0: for ever. */
  readonly lifeMs: number;
}

const handshake = (mechanism: string): KafkaRequest<Handshake> => ({
  apiKey: 17,
  apiVersion: 1,
  flexible: false,
  encode: () => new WireWriter().string(mechanism).bytes,
  decode(payload) {
    const reader = new WireReader(payload);
    return { error: reader.i16(), mechanisms: reader.array(() => reader.string() ?? '') };
  },
});

const authentication = (bytes: Buffer): KafkaRequest<Challenge> => ({
  apiKey: 36,
  apiVersion: 1,
  flexible: false,
  encode: () => new WireWriter().sized(bytes).bytes,
  decode(payload) {
    const reader = new WireReader(payload);
    const error = reader.i16();
    const message = reader.string();
    const size = reader.i32();
    return { error, message, bytes: reader.bytes(Math.max(size, 0)), lifeMs: reader.i64() };
  },
});

/** Returns how long the broker lets the session live, milliseconds; 0: for ever. */
export async function authenticate(
  connection: BrokerConnection,
  { mechanism, username, password }: KafkaSasl,
  world: World,
  timeoutMs: number,
): Promise<number> {
  const { error, mechanisms } = await connection.send(handshake(mechanism.toUpperCase()), timeoutMs);
  if (error !== 0)
    throw new KafkaFault(FAULT.unfit, `the broker takes ${mechanisms.join(', ') || 'no SASL'}, not ${mechanism}`);
  const say = async (text: string | Buffer) => {
    const challenge = await connection.send(authentication(Buffer.from(text)), timeoutMs);
    if (challenge.error !== 0) throw new KafkaFault(challenge.error, challenge.message ?? '');
    return challenge;
  };
  if (mechanism === 'plain') return (await say(`\0${username}\0${password}`)).lifeMs;
  return scram(mechanism === 'scram-sha-256' ? 'sha256' : 'sha512', username, password, world, say);
}

const MIN_ITERATIONS = 4096;
/** A server that asks for more would keep this process from its work. */
const MAX_ITERATIONS = 1_000_000;

async function scram(
  hash: 'sha256' | 'sha512',
  username: string,
  password: string,
  world: World,
  say: (text: string) => Promise<Challenge>,
): Promise<number> {
  const nonce = world.id() + world.id();
  const bare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  const first = (await say(`n,,${bare}`)).bytes.toString();
  const given = fields(first);
  const iterations = Number(given.get('i'));
  const serverNonce = given.get('r') ?? '';
  if (!serverNonce.startsWith(nonce) || !(iterations >= MIN_ITERATIONS && iterations <= MAX_ITERATIONS))
    throw new KafkaFault(FAULT.unfit, 'the broker does not follow SCRAM');
  const size = hash === 'sha256' ? 32 : 64;
  const salted = pbkdf2Sync(
    password.normalize('NFKC'),
    Buffer.from(given.get('s') ?? '', 'base64'),
    iterations,
    size,
    hash,
  );
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash(hash).update(clientKey).digest();
  const unproven = `c=biws,r=${serverNonce}`;
  const message = `${bare},${first},${unproven}`;
  const signature = hmac(storedKey, message);
  const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
  const last = await say(`${unproven},p=${Buffer.from(proof).toString('base64')}`);
  const expected = hmac(hmac(salted, 'Server Key'), message);
  const actual = Buffer.from(fields(last.bytes.toString()).get('v') ?? '', 'base64');
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected))
    throw new KafkaFault(FAULT.unfit, 'the broker does not know the password itself');
  return last.lifeMs;
}

const fields = (text: string) => new Map(text.split(',').map(part => [part.slice(0, 1), part.slice(2)] as const));
