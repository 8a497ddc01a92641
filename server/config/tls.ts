// The configuration of TLS towards a service.
import * as z from 'zod';
import { type ConfigReader, fileText, secret } from './fields.ts';

export function tls(reader: ConfigReader) {
  return z.strictObject({
    ca: fileText(reader).optional().describe('PEM of authorities to trust besides those that Node.js knows.'),
    cert: fileText(reader).optional().describe('PEM of the certificate that the client shows.'),
    key: secret(reader).optional().describe('PEM of its private key.'),
    servername: z.string().min(1).optional().describe('Name that the certificate of the server must have.'),
  });
}
