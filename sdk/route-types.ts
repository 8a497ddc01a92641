// Types read from a route such as `GET /orders/:id`: the names of its parameters,
// and which paths it answers.

type SegmentParam<Segment extends string> = Segment extends `:${infer Name}`
  ? Name
  : Segment extends `*${infer Name}`
    ? Name
    : never;

type PathParam<Path extends string> = Path extends `${infer Head}/${infer Tail}`
  ? SegmentParam<Head> | PathParam<Tail>
  : SegmentParam<Path>;

/** `{ id: string }` for `GET /orders/:id`; a rest parameter (`*rest`) counts too. */
export type ParamsOf<Route> = Route extends `${string} ${infer Path}`
  ? { readonly [Name in PathParam<Path>]: string }
  : never;

type SegmentMatches<Segment extends string, Pattern extends string> = Pattern extends `:${string}` | `*${string}`
  ? true
  : string extends Segment
    ? true
    : Segment extends Pattern
      ? true
      : false;

/** A part of the path that is only known as a string, such as an id, is taken to be one segment. */
type PathMatches<Path extends string, Pattern extends string> = Pattern extends `*${string}`
  ? true
  : Path extends `${infer Head}/${infer Tail}`
    ? Pattern extends `${infer PatternHead}/${infer PatternTail}`
      ? SegmentMatches<Head, PatternHead> extends true
        ? PathMatches<Tail, PatternTail>
        : false
      : false
    : Pattern extends `${string}/${string}`
      ? false
      : SegmentMatches<Path, Pattern>;

/**
 * The keys of `Routes` that answer `Method Path`; with a path that is not known, all of that
 * method.
 */
export type MatchingRoute<Routes, Method extends string, Path extends string> = {
  [Route in keyof Routes & string]: Route extends `${Method} ${infer Pattern}`
    ? string extends Path
      ? Route
      : PathMatches<Path, Pattern> extends true
        ? Route
        : never
    : Route extends '*'
      ? Route
      : never;
}[keyof Routes & string];
