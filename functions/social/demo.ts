// Fills a social network and reads it, over HTTP; says what it does, and checks what comes back.
import { createClient, type DemoOptions } from './demo/client.ts';
import { fill } from './demo/filling.ts';
import { follow } from './demo/following.ts';
import { search } from './demo/searching.ts';
import { trend } from './demo/trending.ts';

/** Throws an AssertionError at the first answer that is not as it should be. */
export async function demo(options: DemoOptions): Promise<void> {
  const { say } = options;
  const client = createClient(options);
  await fill(client, options);
  say('Searching, with few words and wrong ones:');
  await search(client, say);
  say('The tweets that most people look at:');
  await trend(client, say);
  say('The tweets of the people that one follows:');
  await follow(client, say);
}
