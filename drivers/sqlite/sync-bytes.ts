// How much of a large file may wait in memory for its way to the disk.

/**
 * Bytes of a file that is written beside the database, after which they are brought to the disk. A
 * file system may let a commit wait for what others have written, and so for all of it at the end.
 */
export const SYNC_BYTES = 8 << 20;
