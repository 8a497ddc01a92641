// The tweets, and how often they are looked at: sentences made of parts, and a few
// that the README looks for.
import { type Chance, createChance } from './chance.ts';
import { PEOPLE, STAR } from './people.ts';
import { type SocialEvent, toEvent } from './social-event.ts';

export const TWEETS = 3_000;
export const VIEWS = 30_000;
/** The number of tweets that are looked at: more than the trends have room for. */
const LOOKED_AT = 1_500;

const CITIES = [
  { name: 'Lisbon', lat: 38.72, lon: -9.14 },
  { name: 'Berlin', lat: 52.52, lon: 13.4 },
  { name: 'Bergen', lat: 60.39, lon: 5.32 },
  { name: 'Athens', lat: 37.98, lon: 23.73 },
  { name: 'Vienna', lat: 48.21, lon: 16.37 },
  { name: 'Ghent', lat: 51.05, lon: 3.72 },
];
const OPENINGS = ['Just had', 'Nothing beats', 'Looking for', 'Dreaming of', 'Can anybody recommend', 'Finally found'];
const THINGS = [
  'a flat white',
  'a quiet bookshop',
  'an old bicycle',
  'a good film',
  'a window seat',
  'fresh bread',
  'a warm coat',
  'a piano',
];
const ENDINGS = [
  'before the rain',
  'after a long walk',
  'on a Sunday morning',
  'with friends',
  'all by myself',
  'near the station',
];
/** Said once each, by the people in their order. */
const SAID_ONCE = [
  'Photographing lighthouses along the coast',
  'Stephen plays the trumpet in the park tonight',
  'The aurora above the harbour was worth the cold',
  'Learning Portuguese from a cookbook',
];

export function* tweets(): Generator<SocialEvent> {
  const chance = createChance(11);
  for (let number = 0; number < TWEETS; number++) {
    const id = tweetId(number);
    const author = number % 100 === 99 ? STAR : chance.one(PEOPLE);
    const said = SAID_ONCE[number] ?? sentence(chance);
    const city = chance.one(CITIES);
    const data = {
      id,
      author,
      text: number < SAID_ONCE.length ? said : `${said} in ${city.name}`,
      ...(chance.next() < 0.5 ? { place: { lat: city.lat, lon: city.lon } } : {}),
      ...(chance.next() < 0.2 ? { media: `https://media.example.com/${id}.jpg` } : {}),
    };
    yield toEvent('TweetCreated', id, author, 1_000_000 + number * 60, data);
  }
}

/** A few are looked at by very many, most by few. */
export function* views(): Generator<SocialEvent> {
  const chance = createChance(13);
  const seen = [...tweets()].slice(0, LOOKED_AT);
  for (let number = 0; number < VIEWS; number++) {
    const rank = number < LOOKED_AT ? number : Math.floor(LOOKED_AT * chance.next() ** 3);
    const tweet = seen[rank];
    if (tweet) yield toEvent('TweetViewed', `view-${number}`, tweet.subject, 2_000_000 + number, tweet.data);
  }
}

export function tweetId(number: number): string {
  return `tweet-${String(number).padStart(5, '0')}`;
}

function sentence(chance: Chance): string {
  return `${chance.one(OPENINGS)} ${chance.one(THINGS)} ${chance.one(ENDINGS)}`;
}
