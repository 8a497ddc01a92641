// From the bytes of a file to its text, or to their faults.

/** Largest resource file. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** UTF-8 without a byte order mark. UTF-16, as some editors write it, is named in the message. */
export function decode(bytes: Uint8Array): { text: string } | { message: string } {
  if (bytes.length > MAX_FILE_BYTES) {
    return { message: `The file has more than ${MAX_FILE_BYTES / 1024 / 1024} MiB. Split it into several files.` };
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { message: 'The file is UTF-16. Save it as UTF-8.' };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { message: 'The file is not valid UTF-8. Save it as UTF-8.' };
  }
}
