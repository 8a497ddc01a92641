// Gives renditions to whoever asks for them, and takes repaired originals.
import { http, problem, reply } from 'tenfold';

export default http({
  'GET /files/*name': async ({ params }, { blobs }) => {
    const found = params.name.startsWith('renditions/') ? await blobs.get(params.name) : undefined;
    if (found === undefined) throw problem(404, { detail: 'There is no such file.' });
    return reply(200, found.body, { 'content-type': found.contentType, etag: `"${found.etag}"` });
  },
  'PUT /files/*name': async (request, { blobs }) => {
    const { name } = request.params;
    if (!name.startsWith('repaired/')) throw problem(403, { detail: 'Only repaired originals are taken here.' });
    const contentType = request.headers['content-type'] ?? 'application/octet-stream';
    await blobs.put(name, await request.bytes(), { contentType });
  },
});
