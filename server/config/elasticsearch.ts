// The configuration of an Elasticsearch cluster.
import * as z from 'zod';
import { httpUrl } from '../../resources/kinds/fields/url.ts';
import { type ConfigReader, fileText, secret } from './fields.ts';

export function elasticsearch(reader: ConfigReader) {
  return z
    .strictObject({
      nodes: z.array(httpUrl()).min(1).max(64).describe('Addresses of nodes, such as https://search-1:9200.'),
      username: z.string().min(1).optional().describe('User of the cluster.'),
      password: secret(reader).optional().describe('Its password.'),
      apiKey: secret(reader).optional().describe('Instead of user and password.'),
      ca: fileText(reader).optional().describe('PEM of authorities to trust instead of those that Node.js knows.'),
      prefix: z
        .string()
        .regex(
          /^[a-z0-9][a-z0-9._-]{0,49}$/,
          "1 to 50 lower-case letters, digits, '.', '_' and '-', a letter or digit first",
        )
        .prefault('tenfold-')
        .describe('Prefix of all names of indexes, so that several installations can share a cluster.'),
      shards: z.int().min(1).max(1024).optional().describe('Shards of each index. Without it 1.'),
      replicas: z
        .int()
        .min(0)
        .max(32)
        .optional()
        .describe('Copies of each shard. Without it 1 where there is a second node.'),
    })
    .superRefine(({ username, password, apiKey }, context) => {
      const add = (at: string, message: string) => context.addIssue({ code: 'custom', path: [at], message });
      if ((username === undefined) !== (password === undefined))
        add(
          username === undefined ? 'password' : 'username',
          'username and password belong together: give both or none.',
        );
      if (apiKey !== undefined && username !== undefined) add('apiKey', 'Give an apiKey or a user, not both.');
    });
}
