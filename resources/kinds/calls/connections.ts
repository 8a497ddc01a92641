// How connections to an HTTP service are used again.
import * as z from 'zod';

export type Reuse = 'safe' | 'always' | 'never';

/** `whose`: for people, such as `legacy`. */
export function connections(reuse: Reuse, whose: string) {
  return z
    .strictObject({
      reuse: z
        .enum(['safe', 'always', 'never'])
        .prefault(reuse)
        .describe(
          'safe: a connection is closed after a request with a body. A service that answers before it has read the body may take the rest of it for a request of the next client. always: connections are kept, which saves opening one for each such request. never: each request has one of its own.',
        ),
    })
    .prefault({})
    .describe(`How connections to ${whose} are used.`);
}
