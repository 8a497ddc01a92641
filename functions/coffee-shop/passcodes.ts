// Passcodes of customers, stored as salted scrypt hashes and never shown.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Context } from 'tenfold';
import { find, keep } from './kept.ts';

interface StoredPasscode {
  readonly customer: string;
  readonly salt: string;
  readonly hash: string;
}

const hashOf = promisify<string, Buffer, number, Buffer>(scrypt);
const HASH_BYTES = 32;

export async function keepPasscode(context: Context, customer: string, passcode: string): Promise<void> {
  const salt = randomBytes(16);
  const hash = await hashOf(passcode, salt, HASH_BYTES);
  const kept: StoredPasscode = { customer, salt: salt.toString('base64'), hash: hash.toString('base64') };
  await keep(context, { topic: 'passcodes', view: 'passcodes', key: customer }, kept, 'PasscodeChosen');
}

/** Takes the same time whether the customer has a passcode or not. */
export async function isPasscode(context: Context, customer: string, passcode: string): Promise<boolean> {
  const kept = (await find<StoredPasscode>(context, 'passcodes', customer)) ?? { salt: '', hash: '' };
  const hash = await hashOf(passcode, Buffer.from(kept.salt, 'base64'), HASH_BYTES);
  const expected = Buffer.from(kept.hash, 'base64');
  return hash.length === expected.length && timingSafeEqual(hash, expected);
}
