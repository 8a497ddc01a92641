// Reads the words that make up a request on the command line: path, query
// parameters, headers, cookies.
import { CommandError } from './command-error.ts';

/** A path that may have a query already, and further parameters such as `limit=10`. */
export function toTarget(path: string, parameters: readonly string[]): { path: string; query: string } {
  const [before = '', ...given] = path.split('?');
  const rooted = before.startsWith('/') ? before : `/${before}`;
  const pairs = parameters.map(pair => {
    const [name, value] = toPair(pair, 'query parameter such as limit=10');
    return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  });
  const search = [...(given.length > 0 ? [given.join('?')] : []), ...pairs].join('&');
  if (/[^\u0021-\u007e]/.test(rooted + search)) {
    throw new CommandError(
      'usage',
      'A path may hold visible ASCII only; percent-encode the rest, e.g. %20 for a space.',
    );
  }
  return { path: rooted, query: search === '' ? '' : `?${search}` };
}

export function toHeader(line: string): [name: string, value: string] {
  const at = line.indexOf(':');
  if (at < 1) throw new CommandError('usage', `"${line}" is no header such as "accept: text/html".`);
  return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

/** The Cookie header of cookies such as `sid=7`; none without any. */
export function toCookieHeaders(cookies: readonly string[]): [name: string, value: string][] {
  const pairs = cookies.map(cookie => toPair(cookie, 'cookie such as sid=7').join('='));
  return pairs.length === 0 ? [] : [['cookie', pairs.join('; ')]];
}

function toPair(text: string, what: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new CommandError('usage', `"${text}" is no ${what}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}
