// Kafka with TLS and SASL: encrypted, only to a broker that can show who it
// is, and as a user who can.
import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { realWorld } from '../../../../core/world.ts';
import { openConnection } from '../../../../drivers/event-log/kafka/brokers/connection.ts';
import type { KafkaConnection } from '../../../../drivers/event-log/kafka/brokers/connection-options.ts';
import { WireReader, WireWriter } from '../../../../drivers/event-log/kafka/wire/bytes.ts';
import type { KafkaRequest } from '../../../../drivers/event-log/kafka/wire/request.ts';
import { newName, readAll, record, rejectsWith, textOf } from '../../../contract/event-log/subject.ts';
import { first } from '../../../fixtures/tls/certificates.ts';
import { type KafkaCluster, kafka, startKafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { createClients } from './kafka-cases.ts';

const LOGIN = 'org.apache.kafka.common.security';
const PLAIN = { mechanism: 'plain', username: 'tenfold', password: 'pl,=in' } as const;
const SCRAM = { mechanism: 'scram-sha-512', username: 'ten,fold', password: 'scr=m' } as const;

if (findService(kafka))
  describe('Kafka with TLS and SASL', () => {
    const clients = createClients();
    let cluster: KafkaCluster;
    const secure = (
      sasl: KafkaConnection['sasl'],
      tls: KafkaConnection['tls'] = { ca: first.cert },
    ): KafkaConnection => ({
      brokers: cluster.brokers,
      sasl,
      tls,
    });
    const open = (connection: KafkaConnection) => clients.open([], { connection, requestTimeoutMs: 1500 });
    before(async () => {
      cluster = await startKafka({
        protocol: 'SASL_SSL',
        files: { 'server.pem': first.key + first.cert, 'ca.pem': first.cert },
        settings: {
          'ssl.keystore.type': 'PEM',
          'ssl.keystore.location': 'FOLDER/server.pem',
          'ssl.truststore.type': 'PEM',
          'ssl.truststore.location': 'FOLDER/ca.pem',
          'ssl.endpoint.identification.algorithm': '',
          'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
          'sasl.mechanism.inter.broker.protocol': 'PLAIN',
          'connections.max.reauth.ms': '2000',
          'listener.name.sasl_ssl.plain.sasl.jaas.config': `${LOGIN}.plain.PlainLoginModule required username="tenfold" password="pl,=in" user_tenfold="pl,=in";`,
          'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${LOGIN}.scram.ScramLoginModule required;`,
        },
      });
      await addUser(secure(PLAIN), cluster.nodes[0]!.port);
    });
    after(() => cluster?.stop());
    afterEach(() => clients.closeAll());

    for (const sasl of [PLAIN, SCRAM])
      it(`is used with ${sasl.mechanism}, also beyond the end of a session`, async () => {
        const topic = newName('topic');
        const log = open(secure(sasl));
        await log.ensureTopic(topic, { partitions: 1 });
        const end = performance.now() + 3000;
        const written: string[] = [];
        for (let number = 0; performance.now() < end; number++) {
          await log.append(topic, [record('key', String(number))]);
          written.push(String(number));
          await new Promise(resolve => setTimeout(resolve, 50));
        }
        assert.deepEqual((await readAll(log, topic, 0)).map(textOf), written);
        assert.deepEqual(clients.lines, []);
      });

    const wrong: readonly (readonly [what: string, connection: () => KafkaConnection, says: RegExp])[] = [
      ['a wrong password', () => secure({ ...PLAIN, password: 'no' }), /user name or password are wrong/],
      ['a wrong password with SCRAM', () => secure({ ...SCRAM, password: 'no' }), /user name or password are wrong/],
      ['a mechanism that the broker has not', () => secure({ ...PLAIN, mechanism: 'scram-sha-256' }), /PLAIN/],
      ['an authority that is not known', () => secure(PLAIN, true), /certificate/],
      ['no TLS', () => ({ brokers: cluster.brokers, sasl: PLAIN }), /closed|ECONNRESET|not answered/],
    ];
    for (const [what, connection, says] of wrong)
      it(`is refused with ${what}, and says so`, async () => {
        const log = open(connection());
        await rejectsWith('log-unavailable', log.topics());
        const { ok, reason = '' } = await log.health();
        assert.equal(ok, false);
        assert.match(reason, says);
        assert.ok(!reason.includes('pl,=in'));
      });
  });

/** `AlterUserScramCredentials`, as an administrator sends it. */
async function addUser(connection: KafkaConnection, port: number): Promise<void> {
  const salt = Buffer.from('0123456789abcdef');
  const salted = pbkdf2Sync(SCRAM.password, salt, 4096, 64, 'sha512');
  const compact = (out: WireWriter, bytes: Buffer) => out.uvarint(bytes.length + 1).raw(bytes);
  const request: KafkaRequest<number> = {
    apiKey: 51,
    apiVersion: 0,
    flexible: true,
    encode() {
      const out = new WireWriter().uvarint(1).uvarint(2);
      compact(out, Buffer.from(SCRAM.username)).i8(2).i32(4096);
      compact(out, salt);
      return compact(out, salted).uvarint(0).uvarint(0).bytes;
    },
    decode(payload) {
      const reader = new WireReader(payload);
      reader.i32();
      return reader.compactArray(() => {
        reader.compactString();
        const error = reader.i16();
        reader.compactString();
        reader.skipTags();
        return error;
      })[0]!;
    },
  };
  const opened = await openConnection(realWorld, { host: '127.0.0.1', port }, connection, 5000);
  assert.equal(await opened.send(request, 5000), 0);
  opened.close();
}
