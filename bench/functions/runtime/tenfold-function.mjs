// The function that our runtime hosts.
import { http } from 'tenfold';
import { order } from './payload.mjs';

// biome-ignore lint/style/noDefaultExport: a function's module has one
export default http(async request => (request.method === 'GET' ? order : request.json()));
