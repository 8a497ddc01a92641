// Makes SQLite read a WAL past a damaged frame: writes the checksums of all frames anew. For copies
// only; what is in the frames stays as it is, but for the header of the file.
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { repairFirstPage } from './repair-header.ts';
import {
  FRAME_HEADER,
  frameSum,
  isSoundFrame,
  readSum,
  readWalHeader,
  type Sum,
  WAL_HEADER,
  walChecksum,
} from './wal.ts';

/**
 * Frames that are damaged, as bytes at which they begin. Frames after the last
 * sound commit are left out.
 */
export function repairWal(path: string): number[] {
  const handle = openSync(path, 'r+');
  try {
    return repair(handle);
  } finally {
    closeSync(handle);
  }
}

function repair(handle: number): number[] {
  const head = Buffer.alloc(WAL_HEADER);
  if (readSync(handle, head, 0, WAL_HEADER, 0) < WAL_HEADER) return [];
  const header = readWalHeader(head);
  if (!header) return [0];
  const { pageSize, isBigEndian } = header;
  const size = FRAME_HEADER + pageSize;
  const frame = Buffer.alloc(size);
  const count = Math.floor((fstatSync(handle).size - WAL_HEADER) / size);
  const read = (number: number) => readSync(handle, frame, 0, size, WAL_HEADER + number * size);
  if (!header.isSound && count > 0) {
    read(0);
    frame.copy(head, 16, 8, 16); // the salt that the frames have
    writeSum(head, 24, walChecksum(head, 0, 24, [0, 0], isBigEndian));
    writeSync(handle, head, 0, WAL_HEADER, 0);
  }
  const salt = head.readBigUInt64BE(16);
  const { bad, end } = findBad(count, read, frame, salt, header.sum, isBigEndian);
  let sum = readSum(head, 24);
  for (let number = 0; number < end; number++) {
    read(number);
    head.copy(frame, 8, 16, 24);
    const isFirstPage = frame.readUInt32BE(0) === 1;
    if (isFirstPage) repairFirstPage(frame.subarray(FRAME_HEADER));
    sum = frameSum(frame, 0, size, sum, isBigEndian);
    writeSum(frame, 16, sum);
    writeSync(handle, frame, 0, isFirstPage ? size : FRAME_HEADER, WAL_HEADER + number * size);
  }
  return [
    ...(header.isSound ? [] : [0]),
    ...bad.filter(number => number < end).map(number => WAL_HEADER + number * size),
  ];
}

function findBad(
  count: number,
  read: (number: number) => void,
  frame: Buffer,
  salt: bigint,
  start: Sum,
  isBigEndian: boolean,
): { readonly bad: number[]; readonly end: number } {
  const bad: number[] = [];
  let end = 0;
  let sum = start;
  for (let number = 0; number < count; number++) {
    read(number);
    const isSound = isSoundFrame(frame, 0, frame.length, salt, sum, isBigEndian);
    if (!isSound) bad.push(number);
    else if (frame.readUInt32BE(4) !== 0) end = number + 1;
    sum = readSum(frame, 16);
  }
  return { bad, end };
}

function writeSum(buffer: Buffer, at: number, [first, second]: Sum): void {
  buffer.writeUInt32BE(first, at);
  buffer.writeUInt32BE(second, at + 4);
}
