// The IPv4 addresses that an IPv6 address may lead to: mapped, compatible, translated (NAT64,
// SIIT), and tunnelled (6to4, Teredo, ISATAP).
import { isIPv6 } from 'node:net';

/** Empty for an address that leads to none. */
export function embeddedIpv4(address: string): string[] {
  if (!isIPv6(address)) return [];
  const words = wordsOf(address);
  const at = (index: number) => words[index] ?? 0;
  const last = dotted(at(6), at(7));
  const zero = (from: number, to: number) => words.slice(from, to).every(word => word === 0);
  // ::a.b.c.d, but neither :: nor ::1
  if (zero(0, 6)) return at(6) === 0 && at(7) <= 1 ? [] : [last];
  if (zero(0, 5) && at(5) === 0xffff) return [last];
  if (zero(0, 4) && at(4) === 0xffff && at(5) === 0) return [last];
  if (at(0) === 0x64 && at(1) === 0xff9b) {
    // RFC 6052 §2.2: with a prefix of 48 bits the address lies around byte 8, which is 0; with one
    // of 96 it is at the end.
    const around = dotted(at(3), ((at(4) & 0xff) << 8) | (at(5) >> 8));
    return at(2) === 1 && around !== '0.0.0.0' ? [last, around] : [last];
  }
  if (at(0) === 0x2002) return [dotted(at(1), at(2))];
  if (at(0) === 0x2001 && at(1) === 0) return [dotted(at(2), at(3)), dotted(at(6) ^ 0xffff, at(7) ^ 0xffff)];
  if ((at(4) & 0xfdff) === 0 && at(5) === 0x5efe) return [last];
  return [];
}

/** Eight numbers of 16 bits, of an address that is valid. */
function wordsOf(address: string): number[] {
  const [plain = ''] = address.split('%', 1);
  const hex = plain.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [(Number(a) << 8) | Number(b), (Number(c) << 8) | Number(d)].map(word => word.toString(16)).join(':'),
  );
  const [before = '', after] = hex.split('::');
  const parse = (text: string) => (text === '' ? [] : text.split(':').map(word => Number.parseInt(word, 16)));
  const head = parse(before);
  const tail = after === undefined ? [] : parse(after);
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}
