// The functions of the social network: what they tell, and what they refuse; and that the
// data are the same each time.
import assert from 'node:assert/strict';
import { problem } from 'tenfold';
import { call, createTestContext } from 'tenfold/testing';
import { FANS, follows, STAR } from '../data/people.ts';
import { tweets as madeTweets, TWEETS, VIEWS, views } from '../data/tweets.ts';
import people from '../people.ts';
import tweets from '../tweets.ts';

const TWEET = { id: 't1', author: 'ada', text: 'Hello' };

describe('tweets', () => {
  it('are told of, in the order of their author, with where they stand', async () => {
    const context = createTestContext();
    const body = { author: 'ada', text: 'Hello', place: { lat: 60, lon: 5 } };
    const answer = await call(tweets, { method: 'POST', path: '/tweets', body }, context);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers['event-position'], 'tweets.created@0:0');
    const [{ topic, event } = assert.fail()] = context.published;
    assert.deepEqual([topic, event.type, event.subject], ['tweets.created', 'TweetCreated', 'ada']);
    assert.deepEqual(event.data, answer.body);
    assert.partialDeepStrictEqual(event.data, body);
  });

  for (const [what, body] of Object.entries({
    'without an author': { text: 'Hello' },
    'without a text': { author: 'ada', text: '' },
    'that are too long': { author: 'ada', text: 'x'.repeat(281) },
    'at no place of this world': { author: 'ada', text: 'Hello', place: { lat: 91, lon: 0 } },
    'with something else': { author: 'ada', text: 'Hello', likes: 7 },
  })) {
    it(`${what} are refused, and nothing is told`, async () => {
      const context = createTestContext();
      assert.equal((await call(tweets, { method: 'POST', path: '/tweets', body }, context)).status, 400);
      assert.deepEqual(context.published, []);
    });
  }

  it('that are looked at are told of as well; and those that are taken back', async () => {
    const context = createTestContext({ views: { tweets: TWEET } });
    assert.deepEqual((await call(tweets, { path: '/tweets/t1' }, context)).body, TWEET);
    assert.equal((await call(tweets, { method: 'DELETE', path: '/tweets/t1' }, context)).status, 204);
    assert.deepEqual(
      context.published.map(({ topic, event }) => [topic, event.type, event.data]),
      [
        ['tweets.viewed', 'TweetViewed', TWEET],
        ['tweets.created', 'TweetDeleted', { id: 't1', author: 'ada' }],
      ],
    );
  });

  it('are looked for in a view that knows of what was just told, where that is asked for', async () => {
    const asked: unknown[] = [];
    const view = async (params: unknown) => {
      asked.push(params);
      return TWEET;
    };
    const context = createTestContext({ views: { tweets: view } });
    const path = '/tweets/t1?after=tweets.created@0:7';
    assert.equal((await call(tweets, { method: 'DELETE', path }, context)).status, 204);
    assert.deepEqual(asked, [{ key: 't1', after: 'tweets.created@0:7' }]);
  });

  it('that are not there are not told of', async () => {
    const none = async () => {
      throw problem(404);
    };
    const context = createTestContext({ views: { tweets: none } });
    assert.equal((await call(tweets, { path: '/tweets/t9' }, context)).status, 404);
    assert.deepEqual(context.published, []);
  });
});

describe('following', () => {
  it('is told, begun and ended, and not of oneself', async () => {
    const context = createTestContext();
    const path = '/people/bob/follows/ada';
    for (const method of ['PUT', 'DELETE']) assert.equal((await call(people, { method, path }, context)).status, 204);
    assert.deepEqual(
      context.published.map(({ event }) => [event.type, event.subject, event.data]),
      [
        ['Followed', 'bob', { follower: 'bob', followed: 'ada' }],
        ['Unfollowed', 'bob', { follower: 'bob', followed: 'ada' }],
      ],
    );
    assert.equal((await call(people, { method: 'PUT', path: '/people/ada/follows/ada' }, context)).status, 422);
  });
});

describe('the data', () => {
  it('are the same each time, as many as they say, under ids of their own', () => {
    for (const make of [madeTweets, views]) assert.deepEqual([...make()], [...make()]);
    const all = [...follows(), ...madeTweets(), ...views()];
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    assert.deepEqual([[...madeTweets()].length, [...views()].length], [TWEETS, VIEWS]);
    assert.equal([...follows()].filter(({ data }) => data['followed'] === STAR).length, FANS);
  });
});
