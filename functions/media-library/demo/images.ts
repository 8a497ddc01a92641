// Draws the images of the demo: landscapes with what a camera would have noted, and one that
// is cut off in the middle.
import sharp from 'sharp';

export interface Shot {
  readonly author: string;
  /** Degrees and minutes, north and east. */
  readonly north: readonly [number, number];
  readonly east: readonly [number, number];
  readonly sky: string;
}

const WIDTH = 1600;
const HEIGHT = 1067;

export async function drawImage({ author, north, east, sky }: Shot): Promise<Buffer> {
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <rect width="100%" height="100%" fill="${sky}"/>
    <circle cx="1200" cy="260" r="110" fill="#ffd94d"/>
    <path d="M0 1067 L500 380 L880 900 L1150 560 L1600 1067 Z" fill="#2f4858"/>
    <path d="M0 940 Q400 880 800 940 T1600 940 L1600 1067 L0 1067 Z" fill="#1b6b72"/>
  </svg>`;
  const dms = ([degrees, minutes]: readonly [number, number]) => `${degrees}/1 ${minutes}/1 0/1`;
  return sharp(Buffer.from(drawing))
    .withExif({
      IFD0: { Artist: author, Make: 'Tenfold', Model: 'Sketch 1' },
      IFD2: { DateTimeOriginal: '2026:05:01 10:00:00' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: dms(north), GPSLongitudeRef: 'E', GPSLongitude: dms(east) },
    })
    .jpeg({ quality: 82 })
    .toBuffer();
}

/** As after a transfer that broke off. */
export function cutOff(image: Buffer): Buffer {
  return image.subarray(0, 40);
}
