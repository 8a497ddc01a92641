// Finds the process that listens on a port, where the system tells it: Linux, by /proc.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export interface PortOwner {
  readonly pid: number;
  /** Its name, without folder. */
  readonly program: string;
  /** The command line as it was started, on one line. It may hold secrets. */
  readonly command: string;
}

/** Of `/proc/net/tcp`: the state of a socket that listens. */
const LISTENS = '0A';
const MAX_COMMAND = 120;
const WILDCARDS = ['0.0.0.0', '::'];

export interface ListenPlace {
  readonly port: number;
  /** Any address where it is undefined. */
  readonly address?: string | undefined;
}

/** Undefined where it is nobody's, another user's, or the system has no /proc. */
export function portOwner(place: ListenPlace, proc = '/proc'): PortOwner | undefined {
  const sockets = new Set(['tcp', 'tcp6'].flatMap(table => listening(read(`${proc}/net/${table}`), place)));
  if (sockets.size === 0) return undefined;
  for (const pid of list(proc).filter(name => /^[0-9]+$/.test(name))) {
    if (!list(`${proc}/${pid}/fd`).some(fd => sockets.has(linkOf(`${proc}/${pid}/fd/${fd}`)))) continue;
    const command = read(`${proc}/${pid}/cmdline`);
    return { pid: Number(pid), program: basename(command.split(/[\0 ]/)[0] ?? ''), command: commandOf(command) };
  }
  return undefined;
}

/** How processes name the sockets of the table that listen at the place. */
function listening(table: string, { port, address }: ListenPlace): string[] {
  return table.split('\n').flatMap(line => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [host = '', number = ''] = local.split(':');
    const isOurs = state === LISTENS && Number.parseInt(number, 16) === port;
    return isOurs && meet(addressOf(host), address) ? [`socket:[${inode}]`] : [];
  });
}

/** Whether nobody can listen on one while somebody does on the other. */
function meet(there: string, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const own = plain(wanted);
  return there === own || WILDCARDS.includes(there) || WILDCARDS.includes(own);
}

/** Of hexadecimal digits, in which each four bytes are turned round. */
function addressOf(digits: string): string {
  const words = digits.match(/.{8}/g) ?? [];
  const bytes = words.flatMap(word => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map(byte => Number.parseInt(byte, 16)).join('.');
  return plain(bytes.map((byte, index) => (index % 2 === 1 && index < 15 ? `${byte}:` : byte)).join(''));
}

/** IPv6 in its shortest form, and an IPv4 address in it as such. */
function plain(address: string): string {
  if (!address.includes(':')) return address;
  const [host = ''] = address.split('%');
  const url = URL.parse(`http://[${host}]`);
  if (url === null) return address;
  const short = url.hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  return [high, low].flatMap(part => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255]).join('.');
}

function commandOf(text: string): string {
  const command = text.split('\0').join(' ').trim();
  return command.length > MAX_COMMAND ? `${command.slice(0, MAX_COMMAND - 1)}…` : command;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Processes end meanwhile, and those of others cannot be looked into. */
function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
