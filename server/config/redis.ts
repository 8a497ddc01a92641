// The configuration of a Redis.
import * as z from 'zod';
import { type ConfigReader, secret } from './fields.ts';
import { tls } from './tls.ts';

export function redis(reader: ConfigReader) {
  const wrong =
    'This must be redis://host:port or rediss://host:port (TLS), without a password: that has a field of its own.';
  const url = z
    .string(wrong)
    .max(2048, wrong)
    .regex(/^rediss?:\/\/[^\s/?#@]+\/?$/, wrong);
  return z
    .strictObject({
      urls: z.array(url).min(1).max(64).describe('Servers: one, or the Sentinels, or some of a cluster.'),
      mode: z
        .enum(['single', 'sentinel', 'cluster'])
        .prefault('single')
        .describe('The kind of server behind the urls.'),
      sentinelName: z.string().min(1).optional().describe('Name of the group that the Sentinels watch.'),
      username: z.string().min(1).optional().describe('User of the servers.'),
      password: secret(reader).optional().describe('Its password.'),
      tls: tls(reader).optional().describe('Turns TLS on, and names the authorities to trust.'),
      prefix: z
        .string()
        .min(1)
        .max(64)
        .prefault('tenfold')
        .describe('Prefix of all keys, so that several installations can share a Redis.'),
    })
    .superRefine(({ urls, mode, sentinelName }, context) => {
      const add = (at: string, message: string) => context.addIssue({ code: 'custom', path: [at], message });
      if (mode === 'single' && urls.length > 1)
        add('urls', 'Several urls are those of Sentinels or of a cluster: say which with "mode".');
      if (mode === 'sentinel' && sentinelName === undefined)
        add('mode', 'Sentinels watch a group: give its name in "sentinelName".');
    });
}
