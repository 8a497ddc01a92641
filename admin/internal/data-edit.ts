// Other data for an event, in the body of a request.
import * as z from 'zod';

const contentType = z.string().max(256).optional();

export const dataEdit = z.union(
  [z.strictObject({ text: z.string(), contentType }), z.strictObject({ base64: z.base64(), contentType })],
  'This must have the new data, as "text" or as "base64".',
);
