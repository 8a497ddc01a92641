// The configuration of a bucket of S3, or of a service that speaks its protocol.
import * as z from 'zod';
import { httpUrl } from '../../resources/kinds/fields/url.ts';
import { type ConfigReader, secret } from './fields.ts';

export function s3(reader: ConfigReader) {
  return z
    .strictObject({
      bucket: z.string().min(3).max(255).describe('The bucket, which must be there.'),
      endpoint: httpUrl().optional().describe('Address of the service, such as http://minio:9000. Without it AWS.'),
      region: z
        .string()
        .min(1)
        .optional()
        .describe('Without it that of the AWS environment or profile, else us-east-1.'),
      pathStyle: z
        .boolean()
        .optional()
        .describe(
          'true: the bucket stands in the path instead of the host name. Without it true where there is an endpoint.',
        ),
      accessKeyId: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Without it credentials are found as by every AWS SDK: environment, profile, web identity, container, instance.',
        ),
      secretAccessKey: secret(reader).optional().describe('Belongs to the accessKeyId.'),
      prefix: z
        .string()
        .regex(/^([^/]+\/)*$/, 'This must end with a slash, such as shop/.')
        .prefault('')
        .describe('Prefix of all names in the bucket, so that several installations can share it.'),
      keys: z
        .enum(['plain', 'escaped'])
        .optional()
        .describe(
          'Names of objects in a bucket that is used for the first time. plain: their keys alone, so that others can write them. A server that keeps objects as files then takes no object below the name of another, and no parts of names beyond 255 bytes. Without it the platform uses the names that the server can store.',
        ),
      events: z
        .strictObject({
          topic: z
            .string()
            .regex(/^[A-Za-z0-9._-]{1,249}$/, 'This must be the name of a topic of Kafka.')
            .describe('The topic of Kafka that the bucket sends its events to, as Kafka knows it.'),
        })
        .optional()
        .describe(
          'Topic in which the bucket announces uploads of others, so that these begin FanOuts. Needs log.kafka.',
        ),
    })
    .superRefine(({ accessKeyId, secretAccessKey }, context) => {
      if ((accessKeyId === undefined) === (secretAccessKey === undefined)) return;
      const path = [accessKeyId === undefined ? 'secretAccessKey' : 'accessKeyId'];
      context.addIssue({
        code: 'custom',
        path,
        message: 'accessKeyId and secretAccessKey belong together: give both or none.',
      });
    });
}
