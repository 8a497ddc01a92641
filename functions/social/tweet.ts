// Events of tweets; every view reads the members that it needs.
import * as z from 'zod';

export const NewTweet = z.strictObject({
  author: z.string().min(1).max(64),
  text: z.string().min(1).max(280),
  /** Degrees. */
  place: z.strictObject({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) }).optional(),
  /** Address of a picture or film. */
  media: z
    .url({ protocol: /^https$/ })
    .max(1000)
    .optional(),
});

export const Tweet = NewTweet.extend({ id: z.string() });

export type Tweet = z.output<typeof Tweet>;
