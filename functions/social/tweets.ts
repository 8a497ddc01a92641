// Takes tweets and tells of them; shows one, and tells that it was seen. It keeps nothing: the
// topics do, and the views read them.
import { type Context, http, InvokeError, problem, reply } from 'tenfold';
import * as z from 'zod';
import { NewTweet, Tweet } from './tweet.ts';

export default http({
  'POST /tweets': async (request, context) => {
    const made = NewTweet.safeParse(await request.json());
    if (!made.success) throw problem(400, { detail: z.prettifyError(made.error) });
    const tweet: Tweet = { id: crypto.randomUUID(), ...made.data };
    const { position } = await tell(context, 'tweets.created', 'TweetCreated', tweet);
    // A client that asks a view for the state "after" this position gets an
    // answer with the tweet in it.
    return reply(201, tweet, { location: `/tweets/${tweet.id}`, 'event-position': position });
  },
  'GET /tweets/:id': async (request, context) => {
    const tweet = await find(context, request);
    await tell(context, 'tweets.viewed', 'TweetViewed', tweet);
    return tweet;
  },
  'DELETE /tweets/:id': async (request, context) => {
    const { id, author } = await find(context, request);
    const { position } = await tell(context, 'tweets.created', 'TweetDeleted', { id, author });
    return reply(204, undefined, { 'event-position': position });
  },
});

interface Asked {
  readonly params: { readonly id: string };
  readonly query: { readonly after?: string | readonly string[] | undefined };
}

/**
 * `?after=` takes an `event-position` and waits until the view has it. A client that has just
 * written a tweet may be faster than the view.
 */
async function find(context: Context, { params: { id }, query: { after } }: Asked): Promise<Tweet> {
  try {
    return Tweet.parse(await context.query('tweets', { key: id, ...(typeof after === 'string' ? { after } : {}) }));
  } catch (error) {
    if (!(error instanceof InvokeError)) throw error;
    if (error.status === 404) throw problem(404, { detail: `There is no tweet ${id}.` });
    if (error.status === 400) throw problem(400, { detail: error.message });
    throw error;
  }
}

/** Events of one author stay in order: a tweet is not deleted before it exists. */
function tell(
  context: Context,
  topic: 'tweets.created' | 'tweets.viewed',
  type: string,
  tweet: Pick<Tweet, 'id' | 'author'>,
) {
  return context.publish(topic, tweet, { type, subject: tweet.author });
}
