// Writes the images of the demo into a folder, for trying the application by hand:
// `node demo/main.ts FOLDER`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutOff, drawImage } from './images.ts';

const [, , folder = '.images'] = process.argv;
mkdirSync(folder, { recursive: true });
const harbour = await drawImage({ author: 'Ada', north: [54, 19], east: [10, 8], sky: '#8ecae6' });
writeFileSync(join(folder, 'harbour.jpg'), harbour);
writeFileSync(join(folder, 'broken.jpg'), cutOff(harbour));
console.log(`harbour.jpg and broken.jpg are in ${folder}`);
