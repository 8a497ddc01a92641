// Followers, published as events.
import { type Context, http, problem, reply } from 'tenfold';

interface Pair {
  readonly follower: string;
  readonly followed: string;
}

export default http({
  'PUT /people/:follower/follows/:followed': (request, context) => tell(context, 'Followed', request.params),
  'DELETE /people/:follower/follows/:followed': (request, context) => tell(context, 'Unfollowed', request.params),
});

async function tell(context: Context, type: string, { follower, followed }: Pair) {
  if (follower === followed) throw problem(422, { detail: 'Nobody follows themselves.' });
  const { position } = await context.publish('follows', { follower, followed }, { type, subject: follower });
  return reply(204, undefined, { 'event-position': position });
}
