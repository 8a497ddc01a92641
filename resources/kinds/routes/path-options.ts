// How letter by letter the paths of requests are taken, for the routes of an Api and
// the features of a Strangler.
import * as z from 'zod';
import type { PathFolds } from '../../../core/paths/path-spelling.ts';

export type PathOptions = z.output<ReturnType<typeof pathOptions>>;

/** The spellings that a route's path takes besides its own; targets get every path as it came. */
export function pathOptions(matrix: 'refuse' | 'ignore') {
  return z.strictObject({
    caseSensitive: z
      .boolean()
      .prefault(true)
      .describe('false: letters of literal parts match in either case, as IIS, ASP.NET and Express read them.'),
    trailingSlash: z
      .enum(['strict', 'ignore'])
      .prefault('strict')
      .describe(
        'ignore: a path matches with a slash at its end and without, as Express, Rails and Flask read it. A route that names the other spelling goes before.',
      ),
    matrix: z
      .enum(['refuse', 'ignore', 'literal'])
      .prefault(matrix)
      .describe(
        'What becomes of matrix parameters such as /orders;v=1, which Tomcat, Jetty and Spring leave out when they read a path. refuse: 400. ignore: matching and parameters leave them out, targets get them. literal: they are a part of the segment.',
      ),
    escapedSlash: z
      .enum(['literal', 'refuse'])
      .prefault('literal')
      .describe(
        'How %2F in a path is read; WSGI, PHP and CGI servers read it as a slash. literal: it is a part of the segment. refuse: 400.',
      ),
  });
}

/** Undefined: letter by letter. */
export function foldsOf({ caseSensitive, matrix }: PathOptions): PathFolds | undefined {
  if (caseSensitive && matrix !== 'ignore') return undefined;
  return { letterCase: !caseSensitive, matrix: matrix === 'ignore' };
}
